"""Stock as a child would keep it: heaps of units in bins, and promises beside them. No table, no clock."""

from collections import Counter
from dataclasses import dataclass, field

RECEIVING, STAGING, QUARANTINE = "RECV", "STAGE", "QUAR"
SHELVES = ("A-01",)  # few of everything, so that things meet
PICKABLE = (*SHELVES, RECEIVING)  # in walking order
LOTS = ("EARLY", "LATE")  # the earlier expiry first
Piece = tuple[str, int]  # lot ("" where there are none) and units
Key = tuple[str, str]  # SKU, place


class No(Exception):
    """The books must refuse this."""


@dataclass
class Promise:
    sku: str
    place: str
    units: int
    picked: Counter = field(default_factory=Counter)  # by lot

    @property
    def unpicked(self) -> int:
        return self.units - sum(self.picked.values())


@dataclass
class Journey:
    sku: str
    origin: str
    target: str
    units: int
    gone: list[Piece] = field(default_factory=list)


@dataclass
class Books:
    lying: Counter = field(default_factory=Counter)  # (sku, place, bin, lot) → units
    promises: dict[str, Promise] = field(default_factory=dict)
    kept: dict[str, tuple[Key, int]] = field(default_factory=dict)  # holder → key, units
    safety: Counter = field(default_factory=Counter)

    def levels(self, key: Key) -> tuple[int, int, int, int]:
        """On hand, allocated, reserved, damaged."""
        lying = {at: units for at, units in self.lying.items() if at[:2] == key}
        allocated = sum(one.units for one in self.promises.values() if (one.sku, one.place) == key)
        reserved = sum(units for held, units in self.kept.values() if held == key)
        damaged = sum(units for at, units in lying.items() if at[2] == QUARANTINE)
        return sum(lying.values()), allocated, reserved, damaged

    def free(self, key: Key) -> int:
        on_hand, *spoken_for = self.levels(key)
        return on_hand - sum(spoken_for)

    def available(self, key: Key) -> int:
        return max(self.free(key) - self.safety[key], 0)

    def there(self, key: Key, bin: str, lot: str = "") -> list[Piece]:
        """What a bin holds, in the order in which it leaves: the earliest expiry first, from quarantine the latest."""
        lots = LOTS if bin != QUARANTINE else LOTS[::-1]
        wanted = [lot] if lot else [*lots, ""]
        return [(one, self.lying[*key, bin, one]) for one in wanted if self.lying[*key, bin, one]]

    def take(self, key: Key, bin: str, units: int, lot: str = "", *, first: Counter | None = None) -> list[Piece]:
        """Off the heap; `first` names lots that go before the others, as far as it says."""
        there = self.there(key, bin, lot)
        if sum(count for _, count in there) < units:
            raise No
        if first:
            mine = [(one, min(count, first[one])) for one, count in there]
            there = mine + [(one, count - min(count, first[one])) for one, count in there]
        taken = []
        for one, count in there:
            if now := min(count, units):
                taken.append((one, now))
                self.lying[*key, bin, one] -= now
                units -= now
        return taken

    def put(self, key: Key, bin: str, pieces: list[Piece]) -> None:
        for lot, units in pieces:
            self.lying[*key, bin, lot] += units

    def sole_lot(self, key: Key, bin: str) -> str:
        """Of what is found beside one lot only, it is the same; else nobody knows."""
        lots = [lot for lot, _ in self.there(key, bin)]
        return lots[0] if len(lots) == 1 else ""

    def gone(self, key: Key, bin: str, units: int, lot: str = "") -> list[Piece]:
        """Missing from a bin: not of units that were promised."""
        if sum(count for _, count in self.there(key, bin, lot)) < units:
            raise No
        if bin != QUARANTINE and self.free(key) < units:
            raise No
        return self.take(key, bin, units, lot)
