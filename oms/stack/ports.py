"""Ports on this machine."""

import errno
import socket
from pathlib import Path


class NoPort(Exception):
    """The pages can't be opened there; the message says why and what to do."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def number_of(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise NoPort(f"PORT={text} is not a port. It is a number from 1 to 65535, such as PORT=8000")
    return int(text)


def is_free(host: str, port: int) -> bool:
    try:
        _open(host, port)
    except OSError:
        return False
    return True


def check(host: str, port: int) -> None:
    """Raises what to do where the address can't be opened."""
    try:
        _open(host, port)
    except OSError as e:
        if e.errno == errno.EADDRINUSE:
            raise NoPort(f"Port {port} is taken by another program. Choose another: PORT={free_port()}") from None
        raise NoPort(f"{host}:{port} can't be opened ({e.strerror}). Choose others: HOST=… PORT=…") from None


def _open(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


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
