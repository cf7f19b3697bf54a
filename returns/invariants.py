"""What must be true of returns and refunds at every moment."""

from oms.common.invariants import sql

sql(
    "I5",
    "What went back to customers is the sum of refunds that did not fail",
    """SELECT o.id, o.number, o.refunded_total, r.n FROM orders_order o
       LEFT JOIN (SELECT order_id, sum(amount) AS n FROM returns_refund WHERE state <> 'failed' GROUP BY 1) r
              ON r.order_id = o.id
       WHERE o.refunded_total <> coalesce(r.n, 0)""",
)
sql(
    "I4",
    "No return line holds more units than it was authorised, received or accepted",
    """SELECT id FROM returns_returnline
       WHERE received > authorised OR accepted + rejected > received OR refunded > accepted""",
)
sql(
    "I4",
    "Returned units of an order line are units that were received",
    """SELECT l.id, l.returned, r.n FROM orders_orderline l
       LEFT JOIN (SELECT order_line_id, sum(received) AS n FROM returns_returnline GROUP BY 1) r
              ON r.order_line_id = l.id
       WHERE l.returned > coalesce(r.n, 0)""",
)
