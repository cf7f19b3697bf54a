"""Promising as parts of one statement, for verbs above that confirm one order or a thousand in a single round trip.

A statement that uses them has a relation `ask(seq, order_id, sku_id, location_id, units)`, the older order first; what
fits is what the locked rows say. `granted(sku_id, location_id, units, reference)` is then what the caller grants of it.
Counters and ledger are written here alone, as in `ledger.write`.
"""

LEVELS = """
levels AS MATERIALIZED (
    SELECT l.id, l.sku_id, l.location_id, l.available FROM inventory_stocklevel l
    WHERE (l.sku_id, l.location_id) IN (SELECT a.sku_id, a.location_id FROM ask a)
    ORDER BY l.id FOR NO KEY UPDATE)"""

JUDGED = """
judged AS MATERIALIZED (
    SELECT order_id, bool_and(fits) AS fits FROM (
        SELECT a.order_id, coalesce(l.available, 0)
               >= sum(a.units) OVER (PARTITION BY a.sku_id, a.location_id ORDER BY a.seq) AS fits
        FROM ask a LEFT JOIN levels l ON l.sku_id = a.sku_id AND l.location_id = a.location_id) asked
    GROUP BY order_id)"""

COUNTED = """
counted AS (
    UPDATE inventory_stocklevel l SET allocated = l.allocated + g.units
    FROM (SELECT sku_id, location_id, sum(units)::int AS units FROM granted GROUP BY sku_id, location_id) g
    WHERE l.sku_id = g.sku_id AND l.location_id = g.location_id)"""

LEDGER = """
ledger AS (
    INSERT INTO inventory_stockmovement
        (sku_id, location_id, kind, on_hand, allocated, reserved, damaged, quantity, reference, reason, actor_kind,
         actor_label, user_id, request_id, at)
    SELECT sku_id, location_id, 'allocated', 0, sum(units)::int, 0, 0, 0, reference, '', :actor_kind,
           :actor_label, :user_id::bigint, :request_id, now()
    FROM granted GROUP BY sku_id, location_id, reference)"""
