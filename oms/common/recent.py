"""Answers that may be a moment old: kept in the process, so that a busy second asks once."""

import functools
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_kept: dict[Callable, tuple[float, object]] = {}


def recent(seconds: float) -> Callable[[Callable[[], T]], Callable[[], T]]:
    """The function is asked again when its last answer is older than so many seconds."""

    def keep(function: Callable[[], T]) -> Callable[[], T]:
        @functools.wraps(function)
        def answer() -> T:
            until, value = _kept.get(function, (0.0, None))
            if time.monotonic() >= until:
                value = function()
                _kept[function] = (time.monotonic() + seconds, value)
            return value

        return answer

    return keep


def forget() -> None:
    """Ask everything anew."""
    _kept.clear()
