"""Signs of life from the processes behind the pages, and one beat at a time."""

import logging
import os
import socket
from typing import Any

from celery.beat import Scheduler
from django.db import DatabaseError, connection

from oms.common import heartbeat

logger = logging.getLogger(__name__)


def say(worker: str) -> None:
    _with_database(heartbeat.hold, f"worker:{worker}", worker)


def leave(worker: str) -> None:
    _with_database(heartbeat.drop, f"worker:{worker}", worker)


def _with_database(act: Any, name: str, holder: str) -> bool:
    """Leaves no connection open: the pool's children are forked from this process."""
    try:
        return bool(act(name, holder))
    except DatabaseError as e:
        logger.warning("%s can't reach the database: %s", name, e)
        return False
    finally:
        connection.close()


class SoleScheduler(Scheduler):
    """Ticks only while it holds the lease, so a second beat on another machine stands by instead of doubling."""

    max_interval = 5

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.holder = os.environ.get("BEAT_HOLDER") or f"{socket.gethostname()}:{os.getpid()}"
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if not _with_database(heartbeat.hold, "beat", self.holder):
            return self.max_interval
        return min(super().tick(*args, **kwargs), self.max_interval)

    def close(self) -> None:
        _with_database(heartbeat.drop, "beat", self.holder)
        super().close()
