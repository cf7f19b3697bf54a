"""The Celery application: `celery -A oms worker`, `celery -A oms beat`.

A message is a hint; the work is a row in Postgres.
"""

import logging.config
import os
from typing import Any

from celery import Celery, Task
from celery.signals import (
    before_task_publish,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_init,
    worker_ready,
    worker_shutdown,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")
app = Celery("oms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HEARTBEAT_SECONDS = 5
STEPS_BACK = 10  # of priority: on a machine that does both, work in the background waits for pages


@setup_logging.connect
def _log_as_the_pages_do(**_: Any) -> None:
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@before_task_publish.connect
def _carry_request_id(headers: dict[str, Any], **_: Any) -> None:
    from oms.common import request_id

    headers["request_id"] = request_id.current()


@task_prerun.connect
def _begin(task: Task, task_id: str, **_: Any) -> None:
    """Celery would open a connection for each task; we keep one, and look first whether it still lives."""
    from django.db import close_old_connections

    from oms.common import request_id

    task.request.request_id_token = request_id.begin(getattr(task.request, "request_id", "") or task_id)
    if not task.request.is_eager:
        close_old_connections()


@task_postrun.connect
def _end(task: Task, **_: Any) -> None:
    from oms.common import request_id

    if token := getattr(task.request, "request_id_token", None):
        request_id.end(token)


@worker_process_init.connect
def _settle(**_: Any) -> None:
    from oms.common import memory

    os.nice(STEPS_BACK)
    memory.settle()


@worker_ready.connect
def _live(sender: Any, **_: Any) -> None:
    """The timer belongs to the connection with the broker: it stops when that is lost and starts anew with it."""
    from oms import liveness

    liveness.say(sender.hostname)
    sender.timer.call_repeatedly(HEARTBEAT_SECONDS, liveness.say, [sender.hostname])


@worker_shutdown.connect
def _leave(sender: Any, **_: Any) -> None:
    from oms import liveness

    liveness.leave(sender.hostname)
