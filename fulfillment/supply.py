"""What is there for some SKUs, in one question: units by place, who waits for them, and where they were found short."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fulfillment import demand
from fulfillment.rules import reading
from fulfillment.rules.reading import Asking
from oms.common import sql

SUPPLY = sql.Statement("""
SELECT 'stock', l.sku_id, l.location_id, l.available FROM inventory_stocklevel l
JOIN inventory_location p ON p.id = l.location_id AND p.active
WHERE l.sku_id = ANY(:skus::bigint[]) AND l.available > 0
UNION ALL
SELECT DISTINCT 'waiting', b.sku_id, 0, 0 FROM fulfillment_backorder b
WHERE b.sku_id = ANY(:skus::bigint[]) AND b.state = 'waiting'
UNION ALL
SELECT DISTINCT 'short', t.sku_id, 0, 0 FROM fulfillment_picktask t
WHERE t.sku_id = ANY(:skus::bigint[]) AND t.state = 'short'
UNION ALL
SELECT 'rules', 0, 0, 0 WHERE EXISTS (
    SELECT 1 FROM fulfillment_sourcingrule r JOIN fulfillment_sourcingruleset s ON s.id = r.rule_set_id
    WHERE s.state = 'live' AND r.active)
""")


@dataclass(frozen=True)
class Supply:
    """`stock`: location → SKU → units that can be promised. `queued`: SKUs that are there although somebody waits."""

    stock: dict[int, dict[int, int]]
    queued: frozenset[int]
    short: frozenset[tuple[int, int]]
    rules: Asking

    def take(self, units: Mapping[tuple[int, int], int]) -> None:
        """These units, by (SKU, location), are not there for the next one who asks."""
        for (sku, location), count in units.items():
            here = self.stock.get(location, {})
            if sku in here:
                here[sku] -= count


def read(skus: Collection[int], *, orders: Collection[int]) -> Supply:
    """`orders` are those for which rules are asked."""
    stock: dict[int, dict[int, int]] = {}
    told: dict[str, set[int]] = {"waiting": set(), "short": set(), "rules": set()}
    for what, sku, location, units in SUPPLY.rows(skus=list(skus)):
        if what == "stock":
            stock.setdefault(location, {})[sku] = units
        else:
            told[what].add(sku)
    there = {sku for units in stock.values() for sku in units}
    return Supply(
        stock,
        frozenset(told["waiting"] & there),
        demand.found_short(told["short"]) if told["short"] else frozenset(),
        reading.in_use(orders, skus) if told["rules"] else Asking(),
    )
