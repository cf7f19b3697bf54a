"""Which bins give the units of a pick. Pure: stock and walking order in, bins, lots and units out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True)
class Shelf:
    """Free units of one SKU (and lot) in a bin. `place` is the bin's turn in the walk, `last_resort` goods not yet put
    away."""

    bin_id: int
    units: int
    place: int = 0
    last_resort: bool = False
    lot_id: int | None = None
    expires: date | None = None


@dataclass(frozen=True)
class Give:
    bin_id: int
    units: int
    lot_id: int | None = None


def choose(shelves: list[Shelf], wanted: int) -> list[Give]:
    """One bin where one is enough, else the fewest; of equals the first in the walk. What expires first goes first.

    Of bins that are enough alone the one that is emptied most nearly is taken, so that remnants do not pile up.
    Gives less than wanted when the bins hold less.
    """
    shelves = [shelf for shelf in shelves if shelf.units > 0]
    if any(shelf.expires for shelf in shelves):
        return _greedily(sorted(shelves, key=_by_expiry), wanted)
    whole = [shelf for shelf in shelves if shelf.units >= wanted]
    if whole:
        best = min(whole, key=lambda shelf: (shelf.last_resort, shelf.units > wanted, shelf.place, shelf.bin_id))
        return _greedily([best], wanted)
    fewest = sorted(shelves, key=lambda shelf: (shelf.last_resort, -shelf.units, shelf.place, shelf.bin_id))
    return _greedily(fewest, wanted)


class Books:
    """What bins still have to give while the picks of a wave are dealt out, by SKU."""

    def __init__(self, shelves: Mapping[int, list[Shelf]]) -> None:
        self._left = {sku: {(shelf.bin_id, shelf.lot_id): shelf for shelf in rows} for sku, rows in shelves.items()}

    def take(self, sku_id: int, wanted: int) -> list[Give]:
        rows = self._left.get(sku_id, {})
        chosen = choose(list(rows.values()), wanted)
        for give in chosen:
            old = rows[give.bin_id, give.lot_id]
            rows[give.bin_id, give.lot_id] = replace(old, units=old.units - give.units)
        return chosen


def _by_expiry(shelf: Shelf) -> tuple:
    return shelf.expires or date.max, shelf.last_resort, shelf.place, shelf.bin_id


def _greedily(shelves: list[Shelf], wanted: int) -> list[Give]:
    chosen = []
    for shelf in shelves:
        if taken := min(wanted, shelf.units):
            chosen.append(Give(shelf.bin_id, taken, shelf.lot_id))
            wanted -= taken
    return chosen
