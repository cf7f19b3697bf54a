"""Signs of life from the processes behind the pages, and one beat at a time."""

import logging
import os
import socket
from datetime import datetime, timedelta
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
    """Ticks only while it holds the lease, so a second beat on another machine stands by instead of doubling.

    When it takes over it goes on where the other one was alive for certain, so that nothing is left out, and what the
    other one has long done is not asked for again.
    """

    max_interval = 5
    stood_by_at: datetime | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.holder = os.environ.get("BEAT_HOLDER") or f"{socket.gethostname()}:{os.getpid()}"
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if not _with_database(heartbeat.hold, "beat", self.holder):
            self.stood_by_at = self.app.now()
            return self.max_interval
        if self.stood_by_at:
            self._go_on_from(self.stood_by_at - timedelta(seconds=heartbeat.FRESH_SECONDS))
        return min(super().tick(*args, **kwargs), self.max_interval)

    def _go_on_from(self, moment: datetime) -> None:
        for entry in self.schedule.values():
            entry.last_run_at = max(entry.last_run_at, moment)
        self.stood_by_at = self._heap = None

    def close(self) -> None:
        _with_database(heartbeat.drop, "beat", self.holder)
        super().close()
