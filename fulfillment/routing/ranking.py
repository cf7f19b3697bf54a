"""Which of several equally small covers is best: promise kept, then cost, then priority, then the quieter places."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fulfillment.routing.candidates import Eligible
from fulfillment.routing.facts import Place

KILO = Decimal(1000)


@dataclass(frozen=True)
class Option:
    """A cover with its units shared out and its figures."""

    cover: tuple[int, ...]
    shares: dict[int, list[int]]
    cost: Decimal
    late: int

    def key(self, eligible: list[Eligible]) -> tuple:
        places = [eligible[index].place for index in self.cover]
        return (
            self.late,
            self.cost,
            -sum(place.priority for place in places),
            sum(place.load for place in places),
            self.cover,
        )


def in_order(eligible: list[Eligible], ship_by: datetime | None) -> list[Eligible]:
    """Places best first as if each stood alone, so that a lower index is a better place."""
    return sorted(
        eligible,
        key=lambda one: (
            misses(one.place, ship_by),
            one.place.parcel_cost,
            -one.place.priority,
            one.place.load,
            one.place.location_id,
        ),
    )


def misses(place: Place, ship_by: datetime | None) -> bool:
    return bool(ship_by and place.leaves_at and place.leaves_at > ship_by)


def parcel_cost(place: Place, units: list[int] | tuple[int, ...], grams: list[int]) -> Decimal:
    """What sending these units from there costs, estimated: one parcel and its weight."""
    weight = sum(count * each for count, each in zip(units, grams, strict=True))
    return place.parcel_cost + place.kilo_cost * weight / KILO
