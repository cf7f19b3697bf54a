"""plans(orders): of many new orders over one stock, those that compete for what is short are decided together. Pure."""

from collections import Counter
from collections.abc import Mapping

from fulfillment.routing.batch import plan_batch
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Plan

MOST = 300  # more than these would be decided for too long; they are planned one by one


def plans(orders: Mapping[str, Facts]) -> dict[str, Plan]:
    """Plans of those who compete, by name; the others are planned one by one from what these leave.

    The oldest comes first, and all of them see the same stock.
    """
    together = competing(orders)
    return dict(plan_batch(together).plans) if 1 < len(together) <= MOST else {}


def competing(orders: Mapping[str, Facts]) -> dict[str, Facts]:
    """Those who ask for an SKU of which there is too little for all, and whoever shares an SKU with one of them."""
    skus = _short(orders)
    found: dict[str, Facts] = {}
    while more := {name: facts for name, facts in orders.items() if name not in found and skus & facts.demand.keys()}:
        found |= more
        skus |= {sku for facts in more.values() for sku in facts.demand}
    return {name: facts for name, facts in orders.items() if name in found}


def _short(orders: Mapping[str, Facts]) -> set[int]:
    wanted: Counter[int] = Counter()
    there: dict[int, dict[int, int]] = {}
    for facts in orders.values():
        wanted.update(facts.demand)
        for sku in facts.demand:
            there.setdefault(sku, {}).update({p.location_id: max(0, p.stock.get(sku, 0)) for p in facts.places})
    return {sku for sku, units in wanted.items() if units > sum(there[sku].values())}
