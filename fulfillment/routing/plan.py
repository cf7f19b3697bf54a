"""What the engine answers: units by line and place, what has to wait, and every candidate with its reason."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Allotment:
    """Units of a line promised at a place. Digital work has no place."""

    location_id: int | None
    line_id: int
    sku_id: int
    quantity: int


@dataclass(frozen=True)
class Shortfall:
    """Units that wait for stock."""

    line_id: int
    sku_id: int
    quantity: int


@dataclass(frozen=True)
class Candidate:
    """A place that was looked at. `because` reads as a sentence after its name."""

    location_id: int
    code: str
    name: str
    chosen: bool
    eligible: bool
    because: str
    fills: int = 0  # units it could send alone
    wanted: int = 0
    cost: Decimal | None = None  # of what it could send alone
    keeps_promise: bool | None = None
    service: str = ""  # whose price that is, where a price list says so

    def as_dict(self) -> dict:
        return {**self.__dict__, "cost": None if self.cost is None else str(self.cost)}


@dataclass(frozen=True)
class Alternative:
    """Another set of places that could have sent as much. `because` says how it differs from what was chosen."""

    location_ids: tuple[int, ...]
    places: str
    cost: Decimal
    keeps_promise: bool | None
    because: str

    def as_dict(self) -> dict:
        return {**self.__dict__, "location_ids": list(self.location_ids), "cost": str(self.cost)}


@dataclass(frozen=True)
class Plan:
    method: str
    allotments: tuple[Allotment, ...]
    shortfalls: tuple[Shortfall, ...]
    candidates: tuple[Candidate, ...] = ()
    cost: Decimal = Decimal(0)
    summary: str = ""
    alternatives: tuple[Alternative, ...] = ()

    @property
    def locations(self) -> list[int | None]:
        """Places in the order they were ranked."""
        return list(dict.fromkeys(allotment.location_id for allotment in self.allotments))

    @property
    def parcels(self) -> int:
        return len(self.locations)

    def by_place(self) -> dict[int | None, int]:
        """Units that each place sends, in the order they were ranked."""
        sent: dict[int | None, int] = {}
        for allotment in self.allotments:
            sent[allotment.location_id] = sent.get(allotment.location_id, 0) + allotment.quantity
        return sent

    def units(self) -> dict[tuple[int, int], int]:
        """What has to be taken from stock, by (sku, location)."""
        taken: dict[tuple[int, int], int] = {}
        for allotment in self.allotments:
            if allotment.location_id is not None:
                key = (allotment.sku_id, allotment.location_id)
                taken[key] = taken.get(key, 0) + allotment.quantity
        return taken
