"""Why the numbers of a SKU are what they are: what is kept from sale and by whom, and what each counter did."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from inventory.models import ChannelBuffer, Location, Sku, StockLevel, StockMovement
from inventory.statuses import LocationKind

COUNTERS = ("on_hand", "allocated", "reserved", "damaged")
NUMBERS = (*COUNTERS, "safety", "available")


@dataclass(frozen=True)
class Cause:
    """So many units are not for sale. `counter` leads to its history, `part` to the list on the page."""

    name: str
    units: int
    text: str
    counter: str = ""
    part: str = ""


@dataclass(frozen=True)
class Entry:
    """A ledger row, what it changed the counter by, and what the counter was after it."""

    row: StockMovement
    change: int
    balance: int


def totals(levels: Sequence[StockLevel]) -> dict[str, int]:
    """Over all places; `available` is what can be sold: open places, nothing in transit, no place in debt."""
    found = {name: sum(getattr(level, name) for level in levels) for name in NUMBERS}
    return found | {"available": sum(max(level.available, 0) for level in levels if _sells(level.location))}


def causes(levels: Sequence[StockLevel], rules: Sequence[ChannelBuffer]) -> list[Cause]:
    """One for each reason why units on hand can't be sold, and one for each channel that is offered less."""
    total = totals(levels)
    found = [
        Cause("Allocated", total["allocated"], "promised to orders", "allocated", "holders"),
        Cause("Kept back", total["reserved"], "for a name or a planned transfer", "reserved", "kept"),
        Cause("Set aside", total["damaged"], "damaged, expired or to be checked, in quarantine", "damaged", "bins"),
    ]
    for level in levels:
        place, free = level.location, level.on_hand - level.allocated - level.reserved - level.damaged
        if not _sells(place):
            why = "in transit" if place.kind == LocationKind.TRANSIT else "the place is closed"
            found.append(Cause(str(place), free, why))
        else:
            found.append(Cause("Safety stock", min(level.safety, free), f"kept out of sale at {place}"))
    found += [
        Cause(f"Channel {rule.channel}", rule.kept_of(total["available"]), f"not offered there: {rule.said}")
        for rule in rules
    ]
    return [cause for cause in found if cause.units]


def ledger(rows: QuerySet[StockMovement], levels: Sequence[StockLevel], counter: str, most: int) -> list[Entry]:
    """The newest rows that changed the counter, each with what it was after it: walked back from what it is now."""
    balance, found = sum(getattr(level, counter) for level in levels), []
    for row in rows.exclude(**{counter: 0})[:most] if counter != "on_hand" else rows[:most]:
        change = getattr(row, counter)
        found.append(Entry(row, change, balance))
        balance -= change
    return found


def asked(sku: Sku, levels: Sequence[StockLevel], counter: str, place: str) -> dict[str, Any]:
    """What the ledger is asked for, made sound: a counter and a place where the SKU is or was."""
    here = next((level.location for level in levels if level.location.code.upper() == place.strip().upper()), None)
    return {"counter": counter if counter in COUNTERS else "on_hand", "place": here}


def _sells(place: Location) -> bool:
    return place.active and place.kind != LocationKind.TRANSIT
