"""Which of several sets of places is better: what the policy compares, in its order, then the better places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fulfillment.routing.candidates import Eligible
from fulfillment.routing.facts import Place
from fulfillment.routing.fees import Fee
from fulfillment.routing.policy import COST, LOAD, PARCELS, PRIORITY, PROMISE

if TYPE_CHECKING:
    from fulfillment.routing.problem import Problem

Cover = tuple[int, ...]
Shares = Mapping[int, list[int]]


@dataclass(frozen=True, slots=True)
class Option:
    """A set of places with its units shared out and its figures."""

    cover: Cover
    shares: Shares
    cost: int
    key: tuple


def measures(place: Place, fee: Fee, ranks: tuple[str, ...], late: bool) -> tuple[int, ...]:
    """What one place adds to each thing that is compared; of its cost, the bare parcel."""
    told = {PARCELS: 1, PROMISE: late, COST: fee.of(0, 0), PRIORITY: -place.priority, LOAD: place.load}
    return tuple([told[rank] for rank in ranks])


def bound(problem: "Problem", cover: Cover, floor: int) -> tuple:
    """No sharing out of this set can have a smaller key, when its weight costs `floor` at least."""
    told, at = _sums(problem, cover), problem.cost_at
    if at >= 0:
        told[at] += floor
    return (*told, cover)


def key(problem: "Problem", cover: Cover, cost: int) -> tuple:
    """Smaller is better."""
    told, at = _sums(problem, cover), problem.cost_at
    if at >= 0:
        told[at] = cost
    return (*told, cover)


def _sums(problem: "Problem", cover: Cover) -> list[int]:
    measures = problem.measures
    if len(cover) == 1:
        return list(measures[cover[0]])
    return list(map(sum, zip(*[measures[index] for index in cover], strict=True)))


def in_order(rows: list[tuple[Eligible, Fee]], ship_by: datetime | None) -> list[tuple[Eligible, Fee]]:
    """Places best first as if each stood alone, so that a lower index is a better place."""
    return sorted(
        rows,
        key=lambda row: (
            misses(row[0].place, ship_by),
            row[1].of(0, 0),
            -row[0].place.priority,
            row[0].place.load,
            row[0].place.location_id,
        ),
    )


def misses(place: Place, ship_by: datetime | None) -> bool:
    """Leaves too late, or whatever takes it there is too slow."""
    return place.slow or bool(ship_by and place.leaves_at and place.leaves_at > ship_by)
