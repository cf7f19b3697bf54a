"""Confirming as parts of one statement, for the verb above that confirms and allocates in a single round trip.

A statement that uses them has a relation `told` with a row an order: order_id, event_count as it was read, ship_by and
deliver_by, fulfillment_state, and whether a mail goes out. `good` holds those of `told` that are confirmed,
`moved(line_id, allocated, backordered)` what their lines gain, `routed(order_id, event_count, subject, particulars)`
the second event.
"""

STILL = """
still AS MATERIALIZED (
    SELECT o.id FROM orders_order o JOIN told t ON t.order_id = o.id
    WHERE o.state = 'received' AND o.hold_state = 'none' AND o.event_count = t.event_count
    ORDER BY o.id FOR NO KEY UPDATE OF o)"""

CONFIRMED = """
confirmed AS (
    UPDATE orders_order o
    SET state = 'confirmed', confirmed_at = now(), fulfillment_state = g.fulfillment_state,
        promised_ship_by = g.ship_by, promised_deliver_by = g.deliver_by,
        event_count = o.event_count + 2, version = o.version + 1
    FROM good g WHERE o.id = g.order_id)"""

LINES = """
lines AS (
    UPDATE orders_orderline l
    SET allocated = l.allocated + m.allocated, backordered = l.backordered + m.backordered
    FROM moved m WHERE l.id = m.line_id)"""

EVENTS = """
events AS (
    INSERT INTO orders_orderevent
        (order_id, seq, verb, subject, actor_kind, actor_label, user_id, particulars, customer_visible, request_id, at)
    SELECT order_id, event_count + 1, 'order.confirmed', '', :actor_kind, :actor_label, :user_id::bigint,
           jsonb_build_object('ship_by', ship_by), true, :request_id, now() FROM good
    UNION ALL
    SELECT order_id, event_count + 2, 'order.routed', subject, :actor_kind, :actor_label, :user_id::bigint,
           particulars, false, :request_id, now() FROM routed)"""

MAILS = """
mails AS (
    INSERT INTO common_outboxmessage
        (topic, key, payload, "group", state, attempts, lease_token, last_error, request_id)
    SELECT 'orders.mail_due', 'mail-due:confirmed:' || g.order_id,
           jsonb_build_object('order', g.order_id, 'kind', 'confirmed', 'key', 'confirmed:' || g.order_id),
           'mail:' || g.order_id, 'new', 0, '', '', :request_id
    FROM good g WHERE g.mail
    ON CONFLICT (key) DO NOTHING)"""
