"""Which of several sets of places is better: what the policy compares, in its order, then the better places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fulfillment.routing.candidates import Eligible
from fulfillment.routing.facts import Place
from fulfillment.routing.policy import COST, LOAD, PARCELS, PRIORITY, PROMISE
from fulfillment.routing.pricing import Fee

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
    told = {PARCELS: 1, PROMISE: int(late), COST: fee.of(0, 0), PRIORITY: -place.priority, LOAD: place.load}
    return tuple([told[rank] for rank in ranks])


def bound(problem: "Problem", cover: Cover) -> tuple:
    """No sharing out of this set can have a smaller key."""
    return (*map(sum, zip(*[problem.measures[index] for index in cover], strict=True)), cover)


def key(problem: "Problem", cover: Cover, cost: int) -> tuple:
    """Smaller is better."""
    told, ranks = bound(problem, cover), problem.facts.policy.ranks
    at = ranks.index(COST) if COST in ranks else -1
    return told if at < 0 else (*told[:at], cost, *told[at + 1 :])


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
    return bool(ship_by and place.leaves_at and place.leaves_at > ship_by)
