"""A Postgres and a Valkey for one run of the benchmark. DATABASE_URL and REDIS_URL, when set, are used instead."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from oms.stack import postgres, processes, valkey

MEMORY = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}


def connect() -> psycopg.Connection:
    """A connection with nothing above it."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@contextlib.contextmanager
def running() -> Iterator[None]:
    folder = Path(tempfile.mkdtemp(prefix="oms-bench-"))
    folder.chmod(0o755)
    os.environ["OMS_HOME"] = str(folder / "home")
    os.environ["SECRET_KEY"] = "a key for the benchmark only"
    os.environ.setdefault("OMS_FIELD_KEYS", "vC2zSiqMEQ43tXvnXyCb2kSTgxW8xLhFEWcYc1pMD5g=")
    children: list[processes.Child] = []
    try:
        _provide(folder, children)
        yield
    finally:
        processes.end(children, patience=20)
        shutil.rmtree(folder, ignore_errors=True)


def _provide(folder: Path, children: list[processes.Child]) -> None:
    if not os.environ.get("DATABASE_URL"):
        server = postgres.start(folder, password="bench", log=folder / "postgres.log", more=MEMORY)
        children.append(server.child)
        postgres.wait(server)
        os.environ["DATABASE_URL"] = server.url
    if not os.environ.get("REDIS_URL"):
        broker = valkey.start(folder / "valkey", password="bench", log=folder / "valkey.log")
        children.append(broker.child)
        valkey.wait(broker)
        os.environ["REDIS_URL"] = broker.url
