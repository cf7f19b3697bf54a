"""What must be true of orders at every moment."""

from oms.common.invariants import rule, sql
from orders import documents
from orders.models import Document

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


sql(
    "I8",
    "Every derived state of an order is what its lines, holds and money say",
    """SELECT id, number, fulfillment_state, fulfillment, payment_state, payment, return_state, returned, hold_state,
              hold
       FROM (SELECT o.*,
           CASE WHEN kept = 0 THEN 'cancelled' WHEN delivered = kept THEN 'delivered'
                WHEN shipped = kept AND delivered > 0 THEN 'partially_delivered' WHEN shipped = kept THEN 'shipped'
                WHEN shipped > 0 THEN 'partially_shipped' WHEN picked > 0 THEN 'in_progress'
                WHEN allocated = kept - shipped THEN 'allocated' WHEN allocated > 0 THEN 'partially_allocated'
                WHEN backordered > 0 THEN 'backordered' ELSE 'unallocated' END AS fulfillment,
           CASE WHEN refunded_total > 0 AND refunded_total >= paid_total THEN 'refunded'
                WHEN refunded_total > 0 THEN 'partially_refunded' WHEN paid_total > total THEN 'overpaid'
                WHEN paid_total = total THEN 'paid' WHEN paid_total > 0 THEN 'partially_paid'
                WHEN authorised_total >= total THEN 'authorised' ELSE 'unpaid' END AS payment,
           CASE WHEN asked = 0 THEN 'none' WHEN back = 0 THEN 'requested' WHEN back < asked THEN 'in_progress'
                WHEN back = kept THEN 'returned' ELSE 'partially_returned' END AS returned,
           CASE WHEN h.order_id IS NULL THEN 'none' ELSE 'held' END AS hold
           FROM orders_order o
           JOIN (SELECT o.id AS order_id, coalesce(sum(ordered - cancelled), 0) AS kept,
                        coalesce(sum(shipped), 0) AS shipped, coalesce(sum(delivered), 0) AS delivered,
                        coalesce(sum(allocated), 0) AS allocated, coalesce(sum(picked), 0) AS picked,
                        coalesce(sum(backordered), 0) AS backordered, coalesce(sum(return_authorised), 0) AS asked,
                        coalesce(sum(returned), 0) AS back
                 FROM orders_order o LEFT JOIN orders_orderline l ON l.order_id = o.id GROUP BY o.id) l
             ON l.order_id = o.id
           LEFT JOIN (SELECT DISTINCT order_id FROM orders_hold WHERE state = 'active') h ON h.order_id = o.id) x
       WHERE (fulfillment_state, payment_state, return_state, hold_state)
             <> (fulfillment, payment, returned, hold)""",
)

sql(
    "I8",
    "Every order is found by its number, its e-mail address and its phone",
    r"""SELECT o.id, o.number, s.text FROM orders_order o LEFT JOIN orders_ordersearch s ON s.order_id = o.id
       WHERE s.order_id IS NULL OR NOT starts_with(s.text, lower(o.number) || ' ')
          OR strpos(s.text, lower(o.email)) = 0 OR s.phone <> reverse(regexp_replace(o.phone, '\D', '', 'g'))""",
)


@rule("I5", "No number is missing in a series of invoices or credit notes")
def gapless() -> list[str]:
    series = Document.objects.order_by().values_list("series", flat=True).distinct()
    return [number for name in series for number in documents.missing_numbers(name)]
