"""The Postgres and Valkey that a test run uses: those of DATABASE_URL and REDIS_URL, or a pair of its own.

The pair is started once, by the process that collects; the workers of xdist inherit its addresses.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from oms.stack import postgres, processes, valkey


def provide() -> None:
    wanted = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not wanted:
        return
    folder = Path(tempfile.mkdtemp(prefix="oms-tests-"))
    folder.chmod(0o755)
    children: list[processes.Child] = []
    atexit.register(_remove, children, folder)
    if "DATABASE_URL" in wanted:
        server = postgres.start(folder, password="tests", log=folder / "postgres.log", throwaway=True)
        children.append(server.child)
        postgres.wait(server)
        os.environ["DATABASE_URL"] = server.url
    if "REDIS_URL" in wanted:
        broker = valkey.start(folder / "valkey", password="tests", log=folder / "valkey.log")
        children.append(broker.child)
        valkey.wait(broker)
        os.environ["REDIS_URL"] = broker.url


def _remove(children: list[processes.Child], folder: Path) -> None:
    processes.end(children, patience=10)
    shutil.rmtree(folder, ignore_errors=True)
