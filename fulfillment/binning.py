"""Which bins give the units of a pick. Pure: stock and walking order in, bins and units out."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shelf:
    """Free units of one SKU in a bin. `place` is the bin's turn in the walk, `last_resort` goods not yet put away."""

    bin_id: int
    units: int
    place: int = 0
    last_resort: bool = False


def choose(shelves: list[Shelf], wanted: int) -> list[tuple[int, int]]:
    """(bin, units): one bin where one is enough, else the fewest; of equals the first in the walk.

    Of bins that are enough alone the one that is emptied most nearly is taken, so that remnants do not pile up.
    Gives less than wanted when the bins hold less.
    """
    shelves = [shelf for shelf in shelves if shelf.units > 0]
    whole = [shelf for shelf in shelves if shelf.units >= wanted]
    if whole:
        best = min(whole, key=lambda shelf: (shelf.last_resort, shelf.units > wanted, shelf.place, shelf.bin_id))
        return [(best.bin_id, wanted)] if wanted else []
    chosen = []
    for shelf in sorted(shelves, key=lambda shelf: (shelf.last_resort, -shelf.units, shelf.place, shelf.bin_id)):
        taken = min(wanted, shelf.units)
        if taken:
            chosen.append((shelf.bin_id, taken))
            wanted -= taken
    return chosen


class Books:
    """What bins still have to give while the picks of a wave are dealt out, by SKU."""

    def __init__(self, shelves: Mapping[int, list[Shelf]]) -> None:
        self._left = {sku: {shelf.bin_id: shelf for shelf in rows} for sku, rows in shelves.items()}

    def take(self, sku_id: int, wanted: int) -> list[tuple[int, int]]:
        rows = self._left.get(sku_id, {})
        chosen = choose(list(rows.values()), wanted)
        for bin_id, units in chosen:
            old = rows[bin_id]
            rows[bin_id] = Shelf(bin_id, old.units - units, old.place, old.last_resort)
        return chosen
