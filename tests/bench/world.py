"""A trading house for the benchmark: places, goods with stock and clean received orders, coherent with the ledger."""

import random
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from inventory import locations
from inventory.models import Location, Sku
from inventory.statuses import LocationKind
from oms.common import invariants
from oms.common.addresses import PostalAddress
from orders.models import Channel, Order
from orders.statuses import OrderState

SIZES = {"length_mm": 200, "width_mm": 150, "height_mm": 50}
CITIES = (("Berlin", "10115"), ("Hamburg", "20095"), ("Köln", "50667"), ("München", "80331"), ("Leipzig", "04109"))


def places(count: int) -> list[Location]:
    made = []
    for number in range(count):
        city, code = CITIES[number % len(CITIES)]
        address = PostalAddress("Depot", "", f"Hafenstraße {number + 1}", "", city, "", code, "DE", "")
        location = locations.create(
            code=f"D{number:02d}", name=f"Depot {number}", kind=LocationKind.WAREHOUSE, address=address, by=_system()
        )
        locations.add_shelves(location, ["A-01"], by=_system())
        made.append(location)
    return made


def goods(count: int, *, at: Sequence[Location], units: int, prefix: str = "B") -> list[int]:
    """SKU ids. Each lies in the receiving bin of each place with its ledger row."""
    made = Sku.objects.bulk_create(
        [Sku(code=f"{prefix}-{n}", name=f"Item {n}", price="9.5", weight_g=400, **SIZES) for n in range(1, count + 1)]
    )
    skus = [sku.pk for sku in made]
    with connection.cursor() as cursor:
        for statement in (LEVELS, BINS, MOVEMENTS):
            cursor.execute(statement, {"skus": skus, "places": [place.pk for place in at], "units": units})
        cursor.execute("ANALYZE inventory_sku; ANALYZE inventory_stocklevel; ANALYZE inventory_binstock")
    return skus


def channel(code: str = "bench") -> Channel:
    return Channel.objects.get_or_create(code=code, defaults={"name": code.title(), "kind": "api", "token": code})[0]


def received(
    count: int, skus: Sequence[int], *, lines: int = 3, hot: int | None = None, seed: int = 1, channel_id: int
) -> list[int]:
    """Ids of paid, complete orders that nobody has looked at yet, with `lines` different SKUs each.

    With `hot` the last of them is one unit of that SKU.
    """
    picked = random.Random(seed)
    chosen = [sku for _ in range(count) for sku in _basket(picked, skus, lines, hot)]
    units = [1 if sku == hot else picked.randint(1, 3) for sku in chosen]
    rows = {"count": count, "lines": lines, "skus": chosen, "units": units, "channel": channel_id, "seed": str(seed)}
    with connection.cursor() as cursor:
        cursor.execute(ORDERS, rows | {"at": timezone.now()})
        ids = [row[0] for row in cursor.fetchall()]
        for statement in (LINES, TOTALS, PAYMENTS, EVENTS, WORDS):
            cursor.execute(statement, rows | {"ids": ids})
        cursor.execute("ANALYZE orders_order; ANALYZE orders_orderline; ANALYZE orders_ordersearch")
    return ids


def _basket(picked: random.Random, skus: Sequence[int], lines: int, hot: int | None) -> list[int]:
    return picked.sample(skus, lines) if hot is None else [*picked.sample(skus, lines - 1), hot]


def settled(ids: Sequence[int]) -> None:
    """Raises AssertionError unless all of these orders are confirmed and every invariant holds."""
    left = Order.objects.filter(pk__in=ids).exclude(state=OrderState.CONFIRMED).count()
    broken = [verdict.rule.text for verdict in invariants.check() if verdict.count]
    assert (left, broken) == (0, []), f"{left} orders are not confirmed; broken: {broken}"


def empty() -> None:
    """Throw away all trade, so that the next kernel starts with nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename ~ '^(orders|inventory|fulfillment|carriers|returns|common)_'"
        )
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} CASCADE")


def _system() -> object:
    from oms.common.actors import SYSTEM

    return SYSTEM


LEVELS = """
INSERT INTO inventory_stocklevel (sku_id, location_id, on_hand, allocated, reserved, damaged, safety)
SELECT s, p, %(units)s, 0, 0, 0, 0 FROM unnest(%(skus)s::bigint[]) s, unnest(%(places)s::bigint[]) p ORDER BY s, p
"""
BINS = """
INSERT INTO inventory_binstock (bin_id, sku_id, quantity)
SELECT b.id, s, %(units)s FROM unnest(%(skus)s::bigint[]) s
JOIN inventory_bin b ON b.location_id = ANY(%(places)s) AND b.kind = 'receiving'
"""
MOVEMENTS = """
INSERT INTO inventory_stockmovement (sku_id, location_id, kind, on_hand, allocated, reserved, damaged, quantity,
    to_bin_id, reference, reason, actor_kind, actor_label, request_id, at)
SELECT s, b.location_id, 'received', %(units)s, 0, 0, 0, %(units)s, b.id, 'PO-1', '', 'system', 'System', '', now()
FROM unnest(%(skus)s::bigint[]) s
JOIN inventory_bin b ON b.location_id = ANY(%(places)s) AND b.kind = 'receiving'
"""
ORDERS = """
WITH place AS (
    INSERT INTO common_address (name, company, line1, line2, city, region, postal_code, country, phone, created_at)
    SELECT 'Buyer ' || n, '', 'Hauptstraße ' || n, '', 'Berlin', '', to_char(10000 + n * 7919 %% 89999, 'FM00000'),
           'DE', '', now()
    FROM generate_series(1, %(count)s) n RETURNING id),
numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM place),
buyer AS (
    INSERT INTO orders_customer (name, email, phone, created_at)
    SELECT 'Buyer ' || n, 'buyer' || n || '.' || %(seed)s || '@shop.example', '', now()
    FROM generate_series(1, %(count)s) n RETURNING id, name, email),
known AS (SELECT id, name, email, row_number() OVER (ORDER BY id) AS n FROM buyer)
INSERT INTO orders_order (number, channel_id, external_id, external_version, fingerprint, customer_id, customer_name,
    email, phone, shipping_address_id, method, service_level, state, hold_state, payment_state, fulfillment_state,
    return_state, currency, goods_total, discount_total, tax_total, shipping_total, total, paid_total, authorised_total,
    refunded_total, priority, placed_at, received_at, cancel_reason, note, tags, tracking_token, event_count, version)
SELECT nextval('oms_number_order'), %(channel)s, 'X' || %(seed)s || '-' || a.n, '', md5(a.n::text), k.id, k.name,
    k.email, '', a.id, 'ship', 'standard', 'received', 'none', 'paid', 'unallocated',
    'none', 'EUR', 0, 0, 0, 0, 0, 0, 0,
    0, 0, %(at)s + a.n * interval '1 microsecond', now(), '', '', '[]',
    md5(%(seed)s || a.id), 2, 1
FROM numbered a JOIN known k USING (n) ORDER BY a.n RETURNING id
"""
LINES = """
INSERT INTO orders_orderline (order_id, position, external_line_id, sku_id, sku_code, name, digital, unit_price,
    discount, tax, total, ordered, cancelled, allocated, backordered, picked, packed, shipped, delivered,
    return_authorised, returned)
SELECT o.id, 1 + (l.n - 1) %% %(lines)s, '', l.sku, s.code, s.name, false, 9.5,
    0, 0, 9.5 * l.units, l.units, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM unnest(%(skus)s::bigint[], %(units)s::int[]) WITH ORDINALITY AS l(sku, units, n)
JOIN unnest(%(ids)s::bigint[]) WITH ORDINALITY AS o(id, n) ON o.n = 1 + (l.n - 1) / %(lines)s
JOIN inventory_sku s ON s.id = l.sku ORDER BY l.n
"""
TOTALS = """
UPDATE orders_order o SET goods_total = l.total, total = l.total, paid_total = l.total
FROM (SELECT order_id, sum(total) AS total FROM orders_orderline WHERE order_id = ANY(%(ids)s) GROUP BY 1) l
WHERE o.id = l.order_id
"""
PAYMENTS = """
INSERT INTO orders_payment (order_id, kind, amount, reference, tender, at)
SELECT id, 'paid', total, 'P' || id, 'card', now() FROM orders_order WHERE id = ANY(%(ids)s)
"""
EVENTS = """
INSERT INTO orders_orderevent (order_id, seq, verb, subject, actor_kind, actor_label, particulars, customer_visible,
    request_id, at)
SELECT o.id, e.seq, e.verb, 'Bench', 'system', 'System',
    CASE e.seq WHEN 1 THEN '{"promo_codes": [], "stated_total": null}'::jsonb ELSE '{}' END, true, '', now()
FROM orders_order o, (VALUES (1, 'order.received'), (2, 'payment.received')) e(seq, verb)
WHERE o.id = ANY(%(ids)s) ORDER BY o.id, e.seq
"""
WORDS = """
INSERT INTO orders_ordersearch (order_id, text, phone)
SELECT id, lower(number || ' ' || external_id || ' ' || customer_name || ' ' || email), ''
FROM orders_order WHERE id = ANY(%(ids)s)
"""
