"""Processes of an earlier launcher that was killed without a word.

On Linux the kernel has told them to end, and we wait for that; on macOS nobody has, and we do.
"""

import json
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from oms.stack.home import write_private
from oms.stack.processes import Child


def remember(record: Path, children: Iterable[Child]) -> None:
    """Each with the moment of its birth: a number alone may belong to somebody else tomorrow."""
    rows = []
    for child in children:
        try:
            rows.append([child.popen.pid, psutil.Process(child.popen.pid).create_time(), int(child.stop)])
        except psutil.NoSuchProcess:
            continue
    write_private(record, json.dumps(rows))


def end_those_of(record: Path) -> int:
    """Ask what is left to end, kill what doesn't, and say how many there were."""
    left = [(process, stop) for pid, born, stop in _read(record) if (process := _same(pid, born))]
    groups = [process for parent, _ in left for process in (parent, *parent.children(recursive=True))]
    for process, stop in left:
        process.send_signal(signal.Signals(stop))
    late = psutil.wait_procs(groups, timeout=15)[1]
    for process in late:
        process.kill()
    psutil.wait_procs(late, timeout=5)
    record.unlink(missing_ok=True)
    return len(left)


def clear_stale_pid(data: Path) -> None:
    """Postgres refuses to start while the pid in its lock file lives, even when that is by now another program."""
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
        postgres = psutil.Process(pid).name().startswith("postgres")
    except FileNotFoundError:
        return
    except (psutil.NoSuchProcess, ValueError):
        postgres = False
    if not postgres:
        lock.unlink(missing_ok=True)


def _read(record: Path) -> list[list]:
    try:
        return json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return []


def _same(pid: int, born: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return process if abs(process.create_time() - born) < 1 else None
    except psutil.NoSuchProcess:
        return None
