"""The order in which a picker passes the bins. Pure: codes and sequence numbers in, an order out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_CODE = re.compile(r"^(?P<aisle>[A-Z]+[0-9]*|[0-9]+)[-.](?P<bay>\d+)(?:[-.](?P<level>\d+|[A-Z]))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Stop:
    """A bin to visit. `sequence` is the house's own walking number; 0 where nobody gave one."""

    bin_id: int
    code: str
    sequence: int = 0

    @property
    def place(self) -> tuple[str, int, str] | None:
        """(aisle, bay, level) where the code says so: "A-03-4"."""
        found = _CODE.match(self.code)
        return (found["aisle"].upper(), int(found["bay"]), (found["level"] or "").upper()) if found else None


def in_walking_order(stops: Iterable[Stop]) -> list[Stop]:
    """Up one aisle and down the next where the codes name aisles, else by the house's sequence.

    A sequence that somewhere runs against the bays was laid out by hand, perhaps as a serpentine: it is followed.
    """
    stops = list({stop.bin_id: stop for stop in stops}.values())
    by_sequence = sorted(stops, key=lambda stop: (stop.sequence, _natural(stop.code), stop.bin_id))
    if any(stop.place is None for stop in stops):
        return by_sequence
    aisles: dict[str, list[Stop]] = {}
    for stop in by_sequence:
        aisles.setdefault(stop.place[0], []).append(stop)
    if any(_against_the_bays(aisle) for aisle in aisles.values()) or _aisles_mixed(by_sequence):
        return by_sequence
    return [stop for nth, aisle in enumerate(aisles.values()) for stop in (aisle[::-1] if nth % 2 else aisle)]


def numbered(stops: Iterable[Stop]) -> dict[int, int]:
    """bin → its place in the walk, from 10 in steps of 10, so that a bin found on the way fits in between."""
    return {stop.bin_id: 10 * nth for nth, stop in enumerate(in_walking_order(stops), start=1)}


def _against_the_bays(aisle: Sequence[Stop]) -> bool:
    return any(before.place[1] > after.place[1] for before, after in pairwise(aisle))


def _aisles_mixed(stops: Sequence[Stop]) -> bool:
    """Does the sequence leave an aisle and come back to it?"""
    changes = sum(before.place[0] != after.place[0] for before, after in pairwise(stops))
    return changes >= len({stop.place[0] for stop in stops}) > 1


def _natural(code: str) -> list[tuple[int, int, str]]:
    """A-2 before A-10."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", code.upper()) if part
    ]
