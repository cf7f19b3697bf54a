"""Orders as plain data, many in two queries: what checks, promises and routing ask about, read without a lock.

`event_count` tells whether the order is still as it was read: every verb adds an event.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from oms.common import sql
from oms.common.money import Money
from oms.common.postal import PostalAddress


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    id: int
    code: str
    name: str
    currency: str
    config: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Store:
    """Where a customer collects."""

    id: int
    name: str
    collects: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Line:
    """`sku_active` and `sku_digital` are None while the code is not in the catalogue. Sizes are of one unit."""

    id: int
    sku_id: int | None
    sku_code: str
    sku_active: bool | None
    sku_digital: bool | None
    digital: bool
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    ordered: int
    unallocated: int
    weight_g: int
    volume_mm3: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    id: int
    number: str
    state: str
    hold_state: str
    event_count: int
    method: str
    service_level: str
    customer_id: int | None
    customer_name: str
    email: str
    phone: str
    currency: str
    goods_total: Decimal
    discount_total: Decimal
    total: Decimal
    paid_total: Decimal
    authorised_total: Decimal
    placed_at: datetime
    priority: int
    promised_ship_by: datetime | None
    promised_deliver_by: datetime | None
    channel: ChannelFacts
    shipping_address: PostalAddress | None
    billing_country: str | None
    pickup_location: Store | None
    promo_codes: tuple[str, ...]
    stated_total: Decimal | None
    was_held: bool
    holds_stock: bool  # units were kept for it before it came
    has_twin: bool  # the same customer ordered for the same total within a day before
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return self.number

    def money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)


ADDRESS = ", ".join(f"a.{name}" for name in PostalAddress.__dataclass_fields__)
WIDTH = len(PostalAddress.__dataclass_fields__)
ORDERS = sql.Statement(f"""
SELECT o.id, o.number, o.state, o.hold_state, o.event_count, o.method, o.service_level, o.customer_id, o.customer_name,
       o.email, o.phone, o.currency, o.goods_total, o.discount_total, o.total, o.paid_total, o.authorised_total,
       o.placed_at, o.priority, o.promised_ship_by, o.promised_deliver_by,
       c.id, c.code, c.name, c.currency, c.config::text,
       o.shipping_address_id, {ADDRESS}, b.country, p.id, p.name, p.collects, p.active,
       (e.particulars -> 'promo_codes')::text, e.particulars ->> 'stated_total',
       EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id),
       EXISTS (SELECT 1 FROM inventory_wish w
               WHERE w.holder = c.code || ':' || o.external_id AND w.state = 'granted'),
       EXISTS (SELECT 1 FROM orders_order t WHERE t.customer_id = o.customer_id AND t.total = o.total AND t.id < o.id
               AND t.placed_at BETWEEN o.placed_at - interval '1 day' AND o.placed_at + interval '1 day'
               AND t.state <> 'cancelled')
FROM orders_order o
JOIN orders_channel c ON c.id = o.channel_id
LEFT JOIN common_address a ON a.id = o.shipping_address_id
LEFT JOIN common_address b ON b.id = o.billing_address_id
LEFT JOIN inventory_location p ON p.id = o.pickup_location_id
LEFT JOIN orders_orderevent e ON e.order_id = o.id AND e.seq = 1 AND e.verb = 'order.received'
WHERE o.id = ANY(:orders::bigint[]) ORDER BY o.placed_at, o.id
""")  # noqa: S608  names of columns, from a dataclass of ours
LINES = sql.Statement("""
SELECT l.order_id, l.id, l.sku_id, l.sku_code, s.active, s.digital, l.digital, l.unit_price, l.discount, l.tax,
       l.ordered, l.ordered - l.cancelled - l.shipped - l.allocated - l.backordered, coalesce(s.weight_g, 0),
       coalesce(s.length_mm::bigint * s.width_mm * s.height_mm, 0)
FROM orders_orderline l LEFT JOIN inventory_sku s ON s.id = l.sku_id
WHERE l.order_id = ANY(:orders::bigint[]) ORDER BY l.order_id, l.position
""")


def read(order_ids: Collection[int]) -> list[Snapshot]:
    """The oldest order first; ids that are no order are left out."""
    ids = list(order_ids)
    lines: dict[int, list[Line]] = {}
    for row in LINES.rows(orders=ids):
        lines.setdefault(row[0], []).append(Line(*row[1:]))
    return [_snapshot(row, tuple(lines.get(row[0], ()))) for row in ORDERS.rows(orders=ids)]


def _snapshot(row: tuple, lines: tuple[Line, ...]) -> Snapshot:
    channel, rest = row[21:26], row[27 + WIDTH :]
    address = PostalAddress(*row[27 : 27 + WIDTH]) if row[26] else None
    country, store, codes, stated, was_held, holds_stock, has_twin = rest[0], rest[1:5], *rest[5:]
    return Snapshot(
        *row[:21],
        channel=ChannelFacts(*channel[:4], _config(channel[4])),
        shipping_address=address,
        billing_country=country,
        pickup_location=Store(*store) if store[0] else None,
        promo_codes=tuple(json.loads(codes) or ()) if codes else (),
        stated_total=Decimal(stated) if stated is not None else None,
        was_held=was_held,
        holds_stock=holds_stock,
        has_twin=has_twin,
        lines=lines,
    )


@lru_cache(maxsize=256)
def _config(text: str) -> Mapping[str, Any]:
    return json.loads(text)
