"""The folder that one running copy keeps its state in (OMS_HOME): who holds it, its secrets, its addresses."""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

RUNNING = "running.json"


def default_home() -> Path:
    return Path(__file__).resolve().parent.parent.parent / "state"


class HomeTaken(Exception):
    """Another launcher works in this folder, or the folder belongs to another user."""


class Home:
    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self._lock = -1

    def claim(self) -> None:
        """Take the folder for this process. The lock is the kernel's: it goes with the process, however that ends."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self.logs.mkdir(exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as e:
            raise HomeTaken(
                f"{self.path} can't be written by this user ({e.strerror}). Choose another: OMS_HOME=…"
            ) from e
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 20, 0).decode().strip() or "unknown"
            raise HomeTaken(
                f"Process {holder} already runs on {self.path}. Stop it first (kill {holder}), "
                "or start a second copy with OMS_HOME=… and PORT=…"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
        """A secret made once and kept in a file that only this user can read."""
        folder = self.path / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        if not (folder / name).exists():
            write_private(folder / name, make())
        return (folder / name).read_text().strip()

    def say_how_it_runs(self, values: Mapping[str, str]) -> None:
        """Let `manage.py` in another terminal find the servers of this copy."""
        write_private(self.path / RUNNING, json.dumps(dict(values), indent=1))

    def say_it_ended(self) -> None:
        (self.path / RUNNING).unlink(missing_ok=True)


def how_it_runs(path: Path) -> dict[str, str]:
    """What a launcher left for its neighbours, or nothing where none runs or it belongs to another user."""
    try:
        return json.loads((path / RUNNING).read_text())
    except OSError:
        return {}


def write_private(path: Path, text: str) -> None:
    """Write through a new file, so that it is never seen half written or readable by others."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
