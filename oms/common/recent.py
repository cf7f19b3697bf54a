"""Answers that may be a moment old: kept in the process, so that a busy second asks once."""

import functools
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
MOST = 10_000  # answers; beyond that all are asked anew
_kept: dict[tuple, tuple[float, object]] = {}


def recent(seconds: float) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """The function is asked again when its last answer to these arguments is older than so many seconds.

    None is not kept: what is not there may come.
    """

    def keep(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def answer(*args: P.args) -> T:
            key = (function, *args)
            until, value = _kept.get(key, (0.0, None))
            if time.monotonic() < until:
                return value
            value = function(*args)
            if len(_kept) >= MOST:
                forget()
            if value is not None:
                _kept[key] = (time.monotonic() + seconds, value)
            return value

        return answer

    return keep


def forget() -> None:
    """Ask everything anew."""
    _kept.clear()
