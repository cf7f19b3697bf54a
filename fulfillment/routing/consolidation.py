"""Is it cheaper to bring the parts of an order to one place first and send them on in one parcel? Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from fulfillment.routing import pricing
from fulfillment.routing.facts import Facts, Place
from fulfillment.routing.plan import Plan

Units = dict[tuple[int, int], int]  # (location, SKU) → units


@dataclass(frozen=True)
class Leg:
    """A way for goods between two places of ours: so much a trip and so much a kilo, and the days it takes."""

    from_location_id: int
    to_location_id: int
    cost: Decimal
    days: int
    kilo_cost: Decimal = Decimal(0)


@dataclass(frozen=True)
class Move:
    """Units that are brought to the shipping point first."""

    from_location_id: int
    to_location_id: int
    sku_id: int
    quantity: int


@dataclass(frozen=True)
class Consolidation:
    """`cost` is of the moves and the one parcel; `split_cost` of the parcels that it replaces."""

    location_id: int
    moves: tuple[Move, ...]
    leaves_at: datetime | None
    moving_cost: Decimal
    parcel_cost: Decimal
    split_cost: Decimal
    summary: str

    @property
    def cost(self) -> Decimal:
        return self.moving_cost + self.parcel_cost

    @property
    def saved(self) -> Decimal:
        return self.split_cost - self.cost


def consider(facts: Facts, plan: Plan, legs: Iterable[Leg]) -> Consolidation | None:
    """The cheapest shipping point for what the plan takes from several places, or None when the split is as good.

    It may be any place that ships and that the rules allow. Where an order has a promise it must be kept; a split that
    misses it as well is no excuse.
    """
    if facts.method != "ship" or plan.parcels < 2:
        return None
    ways = {(leg.from_location_id, leg.to_location_id): leg for leg in legs}
    units = _taken(plan)
    found = [one for point in facts.places if _serves(facts, point) if (one := _at(facts, plan, point, units, ways))]
    cheaper = [one for one in found if one.saved > 0]
    return min(cheaper, key=lambda one: (one.cost, len(one.moves), one.location_id), default=None)


def _taken(plan: Plan) -> Units:
    return {(location, sku): count for (sku, location), count in plan.units().items()}


def _serves(facts: Facts, point: Place) -> bool:
    pk = point.location_id
    barred = (
        pk in facts.policy.barred or pk in facts.excluded or (facts.allowed is not None and pk not in facts.allowed)
    )
    return point.active and point.ships and point.has_bins and not barred


def _at(
    facts: Facts, plan: Plan, point: Place, units: Units, ways: Mapping[tuple[int, int], Leg]
) -> Consolidation | None:
    """Everything brought there and sent on; None when there is no way, no room, or not enough time."""
    away = {key: count for key, count in units.items() if key[0] != point.location_id}
    senders = sorted({location for location, _ in away})
    trips = [ways.get((location, point.location_id)) for location in senders]
    total = sum(units.values())
    if None in trips or (point.capacity is not None and point.capacity < total):
        return None
    leaves_at = _ready(facts, point, senders, trips)
    if facts.ship_by and (leaves_at is None or leaves_at > facts.ship_by):
        return None
    moving = sum([_trip(facts, leg, away) for leg in trips])
    parcel = _parcel(facts, point, units)
    moves = tuple([Move(place, point.location_id, sku, count) for (place, sku), count in sorted(away.items())])
    return _told(facts, plan, point, moves, leaves_at, (moving, parcel))


def _ready(facts: Facts, point: Place, senders: Sequence[int], trips: Sequence[Leg]) -> datetime | None:
    """The shipping point's first cut-off after the last part is there, a day after the other."""
    places = {place.location_id: place for place in facts.places}
    arrivals = [(places[pk].leaves_at, leg.days) for pk, leg in zip(senders, trips, strict=True)]
    if point.leaves_at is None or any(leaves is None for leaves, _ in arrivals):
        return None
    there = max([leaves + timedelta(days=days) for leaves, days in arrivals], default=point.leaves_at)
    leaves_at = point.leaves_at
    while leaves_at < there or leaves_at.weekday() > 4:
        leaves_at += timedelta(days=1)
    return leaves_at


def _trip(facts: Facts, leg: Leg, away: Units) -> int:
    grams = sum([facts.grams.get(sku, 0) * n for (place, sku), n in away.items() if place == leg.from_location_id])
    return int((leg.cost + leg.kilo_cost * grams / 1000) * pricing.MICRO)


def _parcel(facts: Facts, point: Place, units: Units) -> int:
    grams = sum([facts.grams.get(sku, 0) * count for (_, sku), count in units.items()])
    volume = sum([facts.volumes.get(sku, 0) * count for (_, sku), count in units.items()])
    return point.fee.and_extra(facts.policy.extra.get(point.location_id, 0)).of(grams, volume)


def _told(
    facts: Facts,
    plan: Plan,
    point: Place,
    moves: tuple[Move, ...],
    leaves_at: datetime | None,
    asked: tuple[int, int],
) -> Consolidation:
    moving, parcel = (pricing.amount(micro, facts.currency) for micro in asked)
    names = {place.location_id: str(place) for place in facts.places}
    senders = list(dict.fromkeys(names[move.from_location_id] for move in moves))
    listed = senders[0] if len(senders) == 1 else f"{', '.join(senders[:-1])} and {senders[-1]}"
    count = sum(move.quantity for move in moves)
    figures = [pricing.shown(int(amount * pricing.MICRO), facts.currency) for amount in (moving + parcel, plan.cost)]
    promise = f"; it leaves on {leaves_at:%a %d %b}, in time" if facts.ship_by and leaves_at else ""
    summary = (
        f"{count} {'unit goes' if count == 1 else 'units go'} from {listed} to {point} first and leave in one parcel: "
        f"{figures[0]} against {figures[1]} for {plan.parcels} parcels{promise}."
    )
    return Consolidation(point.location_id, moves, leaves_at, moving, parcel, plan.cost, summary)
