"""Lifecycles are tables of moves: `{state: {states it may become}}`. The table refuses what it lacks."""

from collections.abc import Collection, Mapping
from typing import Any

from oms.common.errors import Refused

Moves = Mapping[str, Collection[str]]


class InvalidTransition(Refused):
    code = "invalid_transition"


def may(state: str, to: str, moves: Moves) -> bool:
    return to in moves.get(state, ())


def advance(obj: Any, to: str, *, moves: Moves, field: str = "state") -> str:
    """Set the attribute (the caller saves) and return the old state."""
    old = getattr(obj, field)
    if not may(old, to, moves):
        raise InvalidTransition(f"{_name(obj)} is {_word(old, moves)} and can't become {_word(to, moves)}.")
    setattr(obj, field, to)
    return old


def _name(obj: Any) -> str:
    meta = getattr(obj, "_meta", None)
    kind = str(meta.verbose_name).capitalize() if meta else type(obj).__name__
    return f"{kind} {obj}"


def _word(state: str, moves: Moves) -> str:
    member = next((key for key in moves if key == state), state)
    return str(getattr(member, "label", member)).lower()
