"""What a plan was made from, small enough to be kept with its decision, and read back so that it can be planned again.

Of places that held nothing of the order only their switches are kept; price lists are cut at the weight of the whole
order.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from fulfillment.routing import pricing, ranking
from fulfillment.routing.facts import Facts, Place, PriceList, Want
from fulfillment.routing.plan import Plan
from fulfillment.routing.policy import NO_RULES, Policy

FLAGS = ("active", "ships", "collects", "has_bins", "slow")


def kept(facts: Facts, plan: Plan) -> dict[str, Any]:
    """The facts of a SourcingDecision."""
    demand = facts.demand
    skus, lists = list(demand), []
    holding = [place for place in facts.places if any(map(place.stock.get, skus))]
    return {
        "method": plan.method,
        "wants": [
            {"line": want.line_id, "sku": want.sku_code, "sku_id": want.sku_id, "units": want.quantity}
            for want in facts.wants
        ],
        "ship_by": facts.ship_by.isoformat() if facts.ship_by else None,
        "waiting": sum([shortfall.quantity for shortfall in plan.shortfalls]),
        "rules": list(facts.policy.keys),
        "rule_names": list(facts.policy.rules),
        "policy": _asked(facts.policy),
        "about": facts.policy.about,
        "skus": [[sku, facts.grams.get(sku, 0), facts.volumes.get(sku, 0)] for sku in skus],
        "places": [_row(place, facts, demand, lists) for place in holding],
        "others": [[place.location_id, _flags(place)] for place in facts.places if place not in holding],
        "prices": lists,
        "currency": facts.currency,
        "pickup": [facts.pickup_location_id, facts.pickup_name] if facts.pickup_location_id else None,
        "allowed": None if facts.allowed is None else sorted(facts.allowed),
        "excluded": {str(pk): why for pk, why in facts.excluded.items()},
        "short": [[location, sku] for location, sku in sorted(facts.short) if sku in demand],
        "outcome": outcome(facts, plan),
    }


def outcome(facts: Facts, plan: Plan) -> dict[str, Any]:
    """The figures of a plan, without what rules added to its cost."""
    senders = [place for place in facts.places if place.location_id in plan.locations]
    cost = pricing.amount(sum(_micro(facts, plan, place) for place in senders), facts.currency)
    return {
        "parcels": plan.parcels,
        "cost": str(cost),
        "late": any(ranking.misses(place, facts.ship_by) for place in senders),
        "waiting": sum(shortfall.quantity for shortfall in plan.shortfalls),
    }


def facts_from(told: Mapping[str, Any], names: Mapping[int, tuple[str, str]], *, channel: str = "") -> Facts:
    """The facts as they were; `names` holds location → (code, name), and `channel` is what they are called today."""
    pickup = told["pickup"] or (None, "")
    return Facts(
        method=told["method"],
        wants=tuple(Want(row["line"], row["sku_id"], row["units"], row["sku"]) for row in told["wants"]),
        places=(
            *[_place(row, told, names) for row in told["places"]],
            *[_empty(pk, flags, names) for pk, flags in told.get("others", ())],
        ),
        currency=told["currency"],
        pickup_location_id=pickup[0],
        pickup_name=pickup[1],
        channel_name=channel,
        allowed=None if told["allowed"] is None else frozenset(told["allowed"]),
        excluded={int(pk): why for pk, why in told["excluded"].items()},
        short=frozenset((location, sku) for location, sku in told["short"]),
        grams={sku: grams for sku, grams, _ in told["skus"]},
        volumes={sku: volume for sku, _, volume in told["skus"] if volume},
        ship_by=_moment(told["ship_by"]),
        policy=_policy(told),
    )


def _asked(policy: Policy) -> dict[str, Any]:
    """What rules asked of the planner; empty where none did."""
    if not policy.keys and policy == Policy(about=policy.about):
        return {}
    return {
        "barred": {str(pk): why for pk, why in policy.barred.items()},
        "buffers": {str(pk): units for pk, units in policy.buffers.items()},
        "extra": {str(pk): str(amount) for pk, amount in policy.extra.items()},
        "most_parcels": policy.most_parcels,
        "complete_only": policy.complete_only,
        "ranks": list(policy.ranks),
    }


def _policy(told: Mapping[str, Any]) -> Policy:
    asked = told.get("policy")
    if not asked:
        return NO_RULES
    return Policy(
        rules=tuple(told["rule_names"]),
        keys=tuple(told["rules"]),
        barred={int(pk): why for pk, why in asked["barred"].items()},
        buffers={int(pk): units for pk, units in asked["buffers"].items()},
        extra={int(pk): Decimal(amount) for pk, amount in asked["extra"].items()},
        most_parcels=asked["most_parcels"],
        complete_only=asked["complete_only"],
        ranks=tuple(asked["ranks"]),
    )


def _flags(place: Place) -> int:
    return place.active | place.ships << 1 | place.collects << 2 | place.has_bins << 3 | place.slow << 4


def _switches(flags: int) -> dict[str, bool]:
    return {flag: bool(flags >> bit & 1) for bit, flag in enumerate(FLAGS)}


def _empty(pk: int, flags: int, names: Mapping[int, tuple[str, str]]) -> Place:
    return Place(pk, *names.get(pk, (f"#{pk}", "")), stock={}, **_switches(flags))


def _row(place: Place, facts: Facts, demand: Mapping[int, int], lists: list) -> list:
    parcel, kilo, leaves_at = place.written
    return [
        place.location_id,
        [place.stock.get(sku, 0) for sku in demand],
        _flags(place),
        place.zone,
        parcel,
        kilo,
        [_listed(prices, facts, demand, lists) for prices in place.prices],
        leaves_at,
        place.capacity,
        place.priority,
        place.load,
    ]


def _place(row: list, told: Mapping[str, Any], names: Mapping[int, tuple[str, str]]) -> Place:
    pk, stock, flags, zone, parcel, kilo, lists, leaves_at, capacity, priority, load = row
    code, name = names.get(pk, (f"#{pk}", ""))
    return Place(
        location_id=pk,
        code=code,
        name=name,
        stock={sku[0]: units for sku, units in zip(told["skus"], stock, strict=True)},
        zone=zone,
        parcel_cost=Decimal(parcel),
        kilo_cost=Decimal(kilo),
        prices=tuple(_price_list(told["prices"][index]) for index in lists),
        leaves_at=_moment(leaves_at),
        capacity=capacity,
        priority=priority,
        load=load,
        **_switches(flags),
    )


def _listed(prices: PriceList, facts: Facts, demand: Mapping[int, int], lists: list) -> int:
    """Its index among the lists; many places share one."""
    steps = _cut(prices, facts, demand)
    one = [prices.name, prices.divisor, [[grams, str(price)] for grams, price in steps]]
    if one not in lists:
        lists.append(one)
    return lists.index(one)


def _cut(prices: PriceList, facts: Facts, demand: Mapping[int, int]) -> tuple[tuple[int, Decimal], ...]:
    """No parcel of the order asks for a step beyond the one that takes all of it."""
    grams = sum([facts.grams.get(sku, 0) * units for sku, units in demand.items()])
    volume = sum([facts.volumes.get(sku, 0) * units for sku, units in demand.items()])
    billable = max(grams, -(-volume // prices.divisor)) if prices.divisor else grams
    last = next((index for index, step in enumerate(prices.steps) if step[0] >= billable), len(prices.steps))
    return prices.steps[: last + 1]


def _price_list(one: list) -> PriceList:
    name, divisor, steps = one
    return PriceList(tuple((grams, Decimal(price)) for grams, price in steps), divisor, name)


def _micro(facts: Facts, plan: Plan, place: Place) -> int:
    units = {a.sku_id: 0 for a in plan.allotments}
    for allotment in plan.allotments:
        if allotment.location_id == place.location_id:
            units[allotment.sku_id] += allotment.quantity
    grams = sum(facts.grams.get(sku, 0) * count for sku, count in units.items())
    volume = sum(facts.volumes.get(sku, 0) * count for sku, count in units.items())
    return place.fee.of(grams, volume)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
