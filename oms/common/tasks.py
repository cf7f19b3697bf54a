"""A Celery message is a hint that work waits in Postgres; losing one costs a sweep, never the work."""

import functools
import logging
import time
from typing import Any

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
BREAKER_SECONDS = 10.0
SOON = 0.5
_closed_again_at = 0.0
_asked_until: dict[str, float] = {}


def hint(task: Task, **kwargs: Any) -> None:
    """After commit, ask a worker to look. Never raises for a broker that is away, and then leaves it alone for 10 s."""
    alone = not task.app.conf.task_always_eager  # where tasks run at once, in tests, their errors are loud
    transaction.on_commit(lambda: _send(task, kwargs), robust=alone)


def hint_soon(task: Task) -> None:
    """For work that finds all its rows by itself: one message for all that is asked for within half a second."""
    if task.app.conf.task_always_eager:
        hint(task)
    else:
        transaction.on_commit(functools.partial(_send_soon, task), robust=True)


def _send_soon(task: Task) -> None:
    if time.monotonic() >= _asked_until.get(task.name, 0.0):
        _asked_until[task.name] = time.monotonic() + SOON
        _send(task, {}, countdown=SOON)


def _send(task: Task, kwargs: dict[str, Any], **options: Any) -> None:
    global _closed_again_at
    if time.monotonic() < _closed_again_at:
        return
    try:
        task.apply_async(kwargs=kwargs, **options)
    except (OperationalError, KombuError, RedisError, OSError) as e:
        _closed_again_at = time.monotonic() + BREAKER_SECONDS
        log.warning("The broker is away (%s); the sweeper will find the work of %s", type(e).__name__, task.name)


@shared_task
def deliver(*, message_id: int, **_: Any) -> None:
    from oms.common import outbox

    outbox.deliver(message_id)


@shared_task
def drain_outbox(**_: Any) -> int:
    from oms.common import outbox

    return outbox.drain(limit=200)


@shared_task
def forget_old_rows(**_: Any) -> None:
    from oms.common import idempotency, outbox

    idempotency.forget_old()
    outbox.forget_delivered()
