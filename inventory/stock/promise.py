"""Promising as parts of one statement, for verbs above that confirm one order or a thousand in a single round trip.

A statement that uses them has a relation `ask(seq, order_id, sku_id, location_id, units)`, the older order first; by
the locked rows some orders are `unfit`. `granted(sku_id, location_id, units, reference)` is what the caller grants.
Counters and ledger are written here alone, as in `ledger.write`.
"""

LEVELS = """
levels AS MATERIALIZED (
    SELECT l.id, l.sku_id, l.location_id, l.available FROM inventory_stocklevel l
    WHERE (l.sku_id, l.location_id) IN (SELECT a.sku_id, a.location_id FROM ask a)
    ORDER BY l.id FOR NO KEY UPDATE)"""

UNFIT = """
unfit AS MATERIALIZED (
    SELECT DISTINCT order_id FROM (
        SELECT a.order_id, sum(a.units) OVER (PARTITION BY a.sku_id, a.location_id ORDER BY a.seq) AS asked,
               l.available, p.active
        FROM ask a
        LEFT JOIN levels l ON l.sku_id = a.sku_id AND l.location_id = a.location_id
        JOIN inventory_location p ON p.id = a.location_id) a
    WHERE asked > coalesce(available, 0) OR NOT active)"""


OTHER = {"allocated": "reserved", "reserved": "allocated"}


def counted(counter: str) -> str:
    """Adds what is granted to `allocated` or `reserved`."""
    return f"""
counted AS (
    UPDATE inventory_stocklevel l SET {counter} = l.{counter} + g.units
    FROM (SELECT sku_id, location_id, sum(units)::int AS units FROM granted GROUP BY sku_id, location_id) g
    WHERE l.sku_id = g.sku_id AND l.location_id = g.location_id)"""  # noqa: S608  names of two counters


def ledger(counter: str) -> str:
    """The row of it for each level and reference."""
    return f"""
ledger AS (
    INSERT INTO inventory_stockmovement
        (sku_id, location_id, kind, {counter}, on_hand, {OTHER[counter]}, damaged, quantity, reference, reason,
         actor_kind, actor_label, user_id, request_id, at)
    SELECT sku_id, location_id, '{counter}', sum(units)::int, 0, 0, 0, 0, reference, '',
           :actor_kind, :actor_label, :user_id::bigint, :request_id, now()
    FROM granted GROUP BY sku_id, location_id, reference)"""  # noqa: S608  names of two counters
