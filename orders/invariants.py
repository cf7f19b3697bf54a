"""What must be true of orders at every moment."""

from oms.common.invariants import rule, sql
from orders import documents, progress
from orders.models import Document, Order

sql(
    "I4",
    "The units of every order line add up",
    """SELECT id, order_id FROM orders_orderline
       WHERE ordered < cancelled + allocated + backordered + shipped OR picked > allocated OR packed > picked
          OR delivered > shipped OR returned > return_authorised OR return_authorised > shipped""",
)
sql(
    "I5",
    "The totals of every order are the sums of its lines",
    """SELECT o.id, o.number FROM orders_order o JOIN (
           SELECT order_id, sum(unit_price * ordered) AS goods, sum(discount) AS discount, sum(tax) AS tax
           FROM orders_orderline GROUP BY 1) l ON l.order_id = o.id
       WHERE (o.goods_total, o.discount_total, o.tax_total) <> (l.goods, l.discount, l.tax)
          OR o.total <> o.goods_total - o.discount_total + o.tax_total + o.shipping_total""",
)
sql(
    "I5",
    "What is paid is the sum of payments, and no more goes back",
    """SELECT o.id, o.number, o.paid_total, p.paid FROM orders_order o
       LEFT JOIN (SELECT order_id, sum(amount) FILTER (WHERE kind = 'paid') AS paid,
                         sum(amount) FILTER (WHERE kind = 'authorised') AS authorised
                  FROM orders_payment GROUP BY 1) p ON p.order_id = o.id
       WHERE o.paid_total <> coalesce(p.paid, 0) OR o.authorised_total <> coalesce(p.authorised, 0)
          OR o.refunded_total > o.paid_total""",
)
sql(
    "I9",
    "The events of every order are numbered without a gap",
    """SELECT o.id, o.number, o.event_count, e.n FROM orders_order o
       LEFT JOIN (SELECT order_id, count(*) AS n, max(seq) AS last FROM orders_orderevent GROUP BY 1) e
              ON e.order_id = o.id
       WHERE o.event_count <> coalesce(e.n, 0) OR o.event_count <> coalesce(e.last, 0)""",
)
sql(
    "I9",
    "Confirmed, closed and cancelled orders have the event that says so",
    """SELECT o.id, o.number, o.state FROM orders_order o WHERE o.state IN ('confirmed', 'closed', 'cancelled')
         AND NOT EXISTS (SELECT 1 FROM orders_orderevent e WHERE e.order_id = o.id AND e.verb = CASE o.state
             WHEN 'closed' THEN 'order.closed' WHEN 'cancelled' THEN 'order.cancelled' ELSE 'order.confirmed' END)""",
)
sql(
    "I6",
    "Nothing is promised to orders that are not confirmed",
    """SELECT o.id, o.number FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
       WHERE o.state IN ('draft', 'received', 'cancelled') AND l.allocated + l.backordered > 0""",
)
sql(
    "I12",
    "Every stored message of a channel was read, or stands in front of a person",
    """SELECT id, state FROM orders_inboundmessage m
       WHERE (state = 'new' AND received_at < now() - interval '5 minutes')
          OR (state IN ('failed', 'refused') AND NOT EXISTS (
              SELECT 1 FROM common_exceptioncase c WHERE c.key = 'inbound:' || m.id))""",
)
sql(
    "I12",
    "No received order waits unverified",
    """SELECT id, number FROM orders_order WHERE state = 'received' AND hold_state = 'none'
         AND received_at < now() - interval '5 minutes'""",
)
sql(
    "I5",
    "Uses of every promo code are counted right",
    """SELECT p.id, p.code, p.used, u.n FROM orders_promocode p
       LEFT JOIN (SELECT promo_id, count(*) AS n FROM orders_promouse WHERE released_at IS NULL GROUP BY 1) u
              ON u.promo_id = p.id
       WHERE p.used <> coalesce(u.n, 0)""",
)


@rule("I8", "Every derived state of an order is what its lines, holds and money say")
def derived_states() -> list[str]:
    wrong = []
    for order in Order.objects.prefetch_related("lines", "holds").iterator(chunk_size=500):
        lines = list(order.lines.all())
        held = any(hold.is_active for hold in order.holds.all())
        now = (order.fulfillment_state, order.payment_state, order.return_state, order.is_held)
        right = (
            progress.fulfillment_state(lines),
            progress.payment_state(order),
            progress.return_state(lines),
            held,
        )
        if now != right:
            wrong.append(f"order {order.number}: {now} should be {right}")
    return wrong


@rule("I5", "No number is missing in a series of invoices or credit notes")
def gapless() -> list[str]:
    series = Document.objects.order_by().values_list("series", flat=True).distinct()
    return [number for name in series for number in documents.missing_numbers(name)]
