"""Who holds promised units, and who waits for more. The floor above knows and says how to ask; it is shown here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Holder:
    """`number` and `url` of the work or the order; `place` where it lies or empty; `since` or due `until`."""

    number: str
    url: str
    units: int
    detail: str = ""
    place: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Queue:
    """Those who come first, and the units that all of them wait for."""

    first: list[Holder]
    units: int


@dataclass(frozen=True)
class Source:
    """Each gives at most so many of a SKU, the oldest first, that the user may see."""

    promised: Callable[[int, Any, int], list[Holder]]
    waiting: Callable[[int, Any, int], Queue]


_sources: list[Source] = []


def told_by(source: Source) -> None:
    """Register who knows."""
    _sources.append(source)


def promised(sku_id: int, user: Any, *, most: int) -> list[Holder]:
    return [holder for source in _sources for holder in source.promised(sku_id, user, most)][:most]


def waiting(sku_id: int, user: Any, *, most: int) -> Queue:
    told = [source.waiting(sku_id, user, most) for source in _sources]
    return Queue([holder for one in told for holder in one.first][:most], sum(one.units for one in told))
