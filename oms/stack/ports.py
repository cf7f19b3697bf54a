"""Ports on this machine."""

import socket
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def kept_port(memory: Path) -> int:
    """The port noted in this file, so that addresses stored in the database stay true; another if it is taken now."""
    try:
        port = int(memory.read_text())
    except (FileNotFoundError, ValueError):
        port = 0
    if not (port and is_free("127.0.0.1", port)):
        port = free_port()
        memory.write_text(str(port))
    return port
