"""A Celery message is a hint that work waits in Postgres; losing one costs a sweep, never the work."""

import logging
import time
from typing import Any

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import KombuError, OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
BREAKER_SECONDS = 10.0
_closed_again_at = 0.0


def hint(task: Task, **kwargs: Any) -> None:
    """After commit, ask a worker to look. Never raises for a broker that is away, and then leaves it alone for 10 s."""
    alone = not task.app.conf.task_always_eager  # where tasks run at once, in tests, their errors are loud
    transaction.on_commit(lambda: _send(task, kwargs), robust=alone)


def _send(task: Task, kwargs: dict[str, Any]) -> None:
    global _closed_again_at
    if time.monotonic() < _closed_again_at:
        return
    try:
        task.delay(**kwargs)
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
