"""A verb in a process that dies at a crash point."""

import os
from collections.abc import Callable
from typing import Any

from django.db import connection, connections


def dies(point: str, verb: Callable[[], Any]) -> bool:
    """Run the verb in a process of its own, with the worker's part after its commit; true when it died at the point."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        try:
            del connections["default"]  # after a browser test, a fork sees one that its parent still uses
            os.environ["OMS_CRASH"] = point
            verb()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
