"""Plans judged from scratch, without the planner's own arithmetic: what was taken, what it costs, what was possible."""

import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal

from fulfillment.routing.facts import Facts, Place
from fulfillment.routing.plan import Plan

Units = Mapping[tuple[int, int], int]  # (place, sku) → units
KEYS = {
    "parcels": lambda facts, places, cost: len(places),
    "promise": lambda facts, places, cost: sum(_late(facts, place) for place in places),
    "cost": lambda facts, places, cost: cost,
    "priority": lambda facts, places, cost: -sum(place.priority for place in places),
    "load": lambda facts, places, cost: sum(place.load for place in places),
}


def best_by_force(facts: Facts) -> tuple[int, tuple]:
    """(units, what is compared) of the best of all sets of places and all ways of keeping SKUs whole in them."""
    fullest, best = 0, ()
    for size in range(1, min(facts.policy.most_parcels or 99, len(facts.places)) + 1):
        for places in itertools.combinations(facts.places, size):
            for units in _ways(facts, places):
                if {place for place, _ in units} == {place.location_id for place in places}:
                    judged = sum(units.values()), judge(facts, units)
                    if judged[0] > fullest or (judged[0] == fullest and judged[1] < best):
                        fullest, best = judged
    return fullest, best


def judge(facts: Facts, units: Units) -> tuple:
    """What the policy compares, of units by (place, sku)."""
    places = [place for place in facts.places if any(one == place.location_id for one, _ in units)]
    cost = sum((parcel(facts, place, units) for place in places), Decimal(0))
    return tuple(KEYS[rank](facts, places, cost) for rank in facts.policy.ranks)


def parcel(facts: Facts, place: Place, units: Units) -> Decimal:
    mine = {sku: count for (one, sku), count in units.items() if one == place.location_id}
    grams = sum(count * facts.grams.get(sku, 0) for sku, count in mine.items())
    volume = sum(count * facts.volumes.get(sku, 0) for sku, count in mine.items())
    extra = Decimal(facts.policy.extra.get(place.location_id, 0))
    if not place.prices:
        return place.parcel_cost + place.kilo_cost * grams / 1000 + extra
    return extra + min(
        _listed(prices.steps, max(grams, -(-volume // prices.divisor) if prices.divisor else 0))
        for prices in place.prices
    )


def check_batch(orders: Mapping[str, Facts], plans: Mapping[str, Plan]) -> tuple[int, Decimal]:
    """(units sent, their cost), both counted anew. AssertionError where stock, demand or a line does not add up."""
    taken: dict[tuple[int, int], int] = {}
    cost = Decimal(0)
    for name, facts in orders.items():
        mine: dict[tuple[int, int], int] = {}
        for allotment in plans[name].allotments:
            assert allotment.quantity > 0
            key = (allotment.location_id, allotment.sku_id)
            mine[key] = mine.get(key, 0) + allotment.quantity
            taken[key] = taken.get(key, 0) + allotment.quantity
        _check_lines(facts, plans[name])
        cost += sum(
            parcel(facts, place, mine) for place in facts.places if any(p == place.location_id for p, _ in mine)
        )
    held = {
        (place.location_id, sku): units
        for f in orders.values()
        for place in f.places
        for sku, units in place.stock.items()
    }
    assert all(units <= held[key] for key, units in taken.items())
    return sum(taken.values()), cost


def _check_lines(facts: Facts, plan: Plan) -> None:
    for want in facts.wants:
        told = [part for part in (*plan.allotments, *plan.shortfalls) if part.line_id == want.line_id]
        assert sum(part.quantity for part in told) == want.quantity
        assert {part.sku_id for part in told} == {want.sku_id}


def _listed(steps: tuple[tuple[int, Decimal], ...], billable: int) -> Decimal:
    """Full parcels of the heaviest step until the rest fits one."""
    asked = Decimal(0)
    while billable > steps[-1][0]:
        asked, billable = asked + steps[-1][1], billable - steps[-1][0]
    return asked + next(price for up_to, price in steps if billable <= up_to)


def _ways(facts: Facts, places: tuple[Place, ...]) -> Iterator[dict[tuple[int, int], int]]:
    """Each SKU whole from one place of the set, or, where none holds it whole, from the richest first.

    Of equally rich places, the one that is better alone.
    """
    choices = [list(_of_sku(facts, places, sku, units)) for sku, units in facts.demand.items()]
    for way in itertools.product(*choices):
        yield {key: count for part in way for key, count in part.items()}


def _of_sku(facts: Facts, places: tuple[Place, ...], sku: int, units: int) -> Iterator[dict[tuple[int, int], int]]:
    held = {place.location_id: _held(facts, place, sku) for place in places}
    units = min(units, sum(held.values()))
    whole = [place for place, count in held.items() if count >= units > 0]
    yield from ({(place, sku): units} for place in whole)
    if not whole:
        ordered = sorted(places, key=lambda place: (-held[place.location_id], *_alone(facts, place)))
        yield from [_poured({place.location_id: held[place.location_id] for place in ordered}, sku, units)]


def _alone(facts: Facts, place: Place) -> tuple:
    return _late(facts, place), parcel(facts, place, {}), -place.priority, place.load, place.location_id


def _poured(held: Mapping[int, int], sku: int, units: int) -> dict[tuple[int, int], int]:
    taken = {}
    for place, count in held.items():
        if give := min(count, units):
            taken[place, sku], units = give, units - give
    return taken


def _held(facts: Facts, place: Place, sku: int) -> int:
    if not place.active or place.location_id in facts.policy.barred:
        return 0
    return max(0, place.stock.get(sku, 0) - facts.policy.buffers.get(place.location_id, 0))


def _late(facts: Facts, place: Place) -> bool:
    return bool(facts.ship_by and place.leaves_at and place.leaves_at > facts.ship_by)
