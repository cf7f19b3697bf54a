"""What must be true of returns and refunds at every moment."""

from decimal import Decimal

from oms.common.invariants import rule, sql
from orders.models import Order
from returns import shares
from returns.models import Refund

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
    "Decided units of a return line are exactly those of its inspections",
    """SELECT l.id, l.accepted, l.rejected, i.accepted AS seen_accepted, i.rejected AS seen_rejected
       FROM returns_returnline l
       LEFT JOIN (SELECT line_id, coalesce(sum(quantity) FILTER (WHERE accepted), 0) AS accepted,
                         coalesce(sum(quantity) FILTER (WHERE NOT accepted), 0) AS rejected
                  FROM returns_inspection GROUP BY 1) i ON i.line_id = l.id
       WHERE (l.accepted, l.rejected) <> (coalesce(i.accepted, 0), coalesce(i.rejected, 0))""",
)
sql(
    "I4",
    "Units of an order line that returns speak of are those of its live returns",
    """SELECT ol.id, ol.order_id, ol.return_authorised, ol.returned, r.spoken, r.kept FROM orders_orderline ol
       LEFT JOIN (
           SELECT l.order_line_id, sum(CASE WHEN m.state IN ('declined', 'expired', 'cancelled') THEN 0
                                            WHEN m.state = 'closed' THEN l.received - coalesce(i.sent_back, 0)
                                            ELSE l.authorised END) AS spoken, sum(coalesce(i.kept, 0)) AS kept
           FROM returns_returnline l JOIN returns_return m ON m.id = l.rma_id
           LEFT JOIN (SELECT line_id, sum(quantity) FILTER (WHERE disposition = 'return_to_customer') AS sent_back,
                             sum(quantity) FILTER (WHERE disposition <> 'return_to_customer') AS kept
                      FROM returns_inspection GROUP BY 1) i ON i.line_id = l.id
           GROUP BY 1) r ON r.order_line_id = ol.id
       WHERE (ol.return_authorised, ol.returned) <> (coalesce(r.spoken, 0), coalesce(r.kept, 0))""",
)
sql(
    "I4",
    "Lots and numbered units of a return line are within its units, and decided as its inspections say",
    """SELECT p.id, p.line_id, p.received, p.decided, i.units FROM returns_returnpiece p
       LEFT JOIN (SELECT piece_id, sum(quantity) AS units FROM returns_inspection GROUP BY 1) i ON i.piece_id = p.id
       WHERE p.decided <> coalesce(i.units, 0)
          OR (SELECT sum(o.received) FROM returns_returnpiece o WHERE o.line_id = p.line_id)
             > (SELECT l.received FROM returns_returnline l WHERE l.id = p.line_id)""",
)
sql(
    "I6",
    "What returns put on the shelf or aside is what inspections say",
    """SELECT coalesce(i.number, m.reference) AS number, coalesce(i.sku_id, m.sku_id) AS sku_id, i.units AS inspected,
              m.units AS in_ledger
       FROM (SELECT r.number, ol.sku_id, sum(i.quantity) AS units FROM returns_inspection i
             JOIN returns_returnline l ON l.id = i.line_id JOIN returns_return r ON r.id = l.rma_id
             JOIN orders_orderline ol ON ol.id = l.order_line_id
             WHERE i.disposition IN ('restock', 'refurbish', 'quarantine') GROUP BY 1, 2) i
       FULL JOIN (SELECT reference, sku_id, sum(on_hand) AS units FROM inventory_stockmovement
                  WHERE kind = 'returned' AND reference IN (SELECT number FROM returns_return) GROUP BY 1, 2) m
         ON m.reference = i.number AND m.sku_id = i.sku_id
       WHERE coalesce(i.units, 0) <> coalesce(m.units, 0)""",
)
sql(
    "I5",
    "Refunded units of a return line are those of its refunds",
    """SELECT l.id, l.refunded, r.units FROM returns_returnline l
       LEFT JOIN (SELECT f.rma_id, u.key::bigint AS order_line_id, sum(u.value::int) AS units
                  FROM returns_refund f, jsonb_each_text(f.breakdown -> 'units') u
                  WHERE f.state <> 'failed' AND f.rma_id IS NOT NULL GROUP BY 1, 2) r
              ON r.rma_id = l.rma_id AND r.order_line_id = l.order_line_id
       WHERE l.refunded <> coalesce(r.units, 0)""",
)
sql(
    "I5",
    "The parts of every refund of a return sum to its amount",
    """SELECT id, amount, breakdown FROM returns_refund
       WHERE origin = 'return' AND amount <> (breakdown ->> 'goods')::numeric - (breakdown ->> 'discount')::numeric
             + (breakdown ->> 'tax')::numeric + (breakdown ->> 'shipping')::numeric - (breakdown ->> 'fee')::numeric""",
)


@rule("I5", "Refunds of an order give no unit and no shipping back twice")
def given_back_once() -> list[str]:
    wrong = []
    refunded = Refund.objects.values("order")
    for order in Order.objects.filter(pk__in=refunded).prefetch_related("lines").iterator(chunk_size=500):
        units = shares.given_back(order)
        if any(units[line.pk] > line.cancelled + line.returned for line in order.lines.all()):
            wrong.append(f"order {order.number}: more units than were cancelled or came back")
        if shares.recorded(order, "shipping") > max(order.shipping_total, Decimal(0)):
            wrong.append(f"order {order.number}: more shipping than was charged")
    return wrong
