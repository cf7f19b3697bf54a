"""Child processes that never outlive the one that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec nothing may be looked up.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Owner:
    """The user that a child runs as."""

    uid: int
    gid: int

    def as_popen(self) -> dict[str, object]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass
class Child:
    name: str
    popen: subprocess.Popen
    stop: signal.Signals

    @property
    def code(self) -> int | None:
        return self.popen.poll()

    def ask_to_end(self) -> None:
        if self.code is None:
            self.popen.send_signal(self.stop)

    def kill(self) -> None:
        """The child and what it started: each child leads a group of its own."""
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.popen.wait()


def spawn(
    name: str,
    argv: list[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
    orphaned: signal.Signals | None = None,
    owner: Owner | None = None,
    cwd: Path | str | None = None,
    feed: str = "",
) -> Child:
    """Start a child in a session of its own, so that Ctrl-C reaches only us and we choose the order of ending.

    Linux sends it `orphaned` (or `stop`) when we die without a word. That is bound to the thread that spawns:
    call this from the main thread.
    """
    with log.open("ab") as out:
        popen = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=end_with(os.getpid(), orphaned or stop),
            **(owner.as_popen() if owner else {}),
        )
    if feed:
        popen.stdin.write(feed.encode())
        popen.stdin.close()
    return Child(name, popen, stop)


def end_with(parent: int, sig: signal.Signals) -> Callable[[], None]:
    def in_child() -> None:
        # A shell's `command &` leaves SIGINT ignored, and children would inherit that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if _libc:
            _libc.prctl(PR_SET_PDEATHSIG, int(sig))
            if os.getppid() != parent:
                os._exit(1)

    return in_child


def end(children: Iterable[Child], *, patience: float) -> list[Child]:
    """Ask all at once, wait for each, kill whoever is late. Returns the late ones."""
    children = list(children)
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(child.code is None for child in children):
        time.sleep(0.05)
    late = [child for child in children if child.code is None]
    for child in children:
        child.kill()
    return late


def last_lines(log: Path, count: int = 12) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
