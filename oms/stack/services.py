"""The processes of the product itself: how each is started. docker-compose.yml starts the same ones."""

import sys
from collections.abc import Mapping
from pathlib import Path

from oms.stack.home import default_home
from oms.stack.processes import Child, spawn

ROOT = default_home().parent
PYTHON = sys.executable
WORKER = ["-m", "celery", "-A", "oms", "worker", "-c", "2", "--without-gossip", "--without-mingle"]
BEAT = ["-m", "celery", "-A", "oms", "beat"]
WEB = ["-m", "gunicorn", "-c", "python:oms.gunicorn_conf", "oms.wsgi"]


class Services:
    def __init__(self, *, logs: Path, env: Mapping[str, str]) -> None:
        self.logs = logs
        self.env = env

    def web(self) -> Child:
        return self._spawn("web", WEB, role="web")

    def worker(self) -> Child:
        return self._spawn("worker", WORKER, role="worker")

    def beat(self) -> Child:
        return self._spawn("beat", BEAT, role="worker")

    def manage(self, name: str, *arguments: str) -> Child:
        return self._spawn(name, ["manage.py", name, *arguments], role="manage")

    def _spawn(self, name: str, arguments: list[str], *, role: str) -> Child:
        log = self.logs / f"{name}.log"
        return spawn(name, [PYTHON, *arguments], log=log, env=self.env | {"OMS_ROLE": role}, cwd=ROOT)


def rotate(log: Path, limit: int = 10_000_000) -> None:
    """At each start the last log is put aside when it has grown long."""
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))
