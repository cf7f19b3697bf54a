"""What customers see of an order: itself, its lines, its money, why it waits and what happened to it."""

from typing import Any

from oms.desk.bulk import stages
from oms.desk.bulk.rows import fill
from orders.models import Hold, Order, OrderEvent, OrderLine, OrderSearch, Payment
from orders.statuses import OrderState

FRACTION = "placed_at + took * %s"
TOTAL = "goods - discount + tax + shipping"
PAID = "CASE WHEN stage IN ('cancelled', 'unpaid') THEN 0 ELSE goods - discount + tax + shipping END"
WHOLE = """bulk_order
JOIN bulk_sum ON bulk_sum.order_id = bulk_order.id
JOIN orders_customer AS customer ON customer.id = %(customers)s + person
JOIN common_address AS address ON address.id = address_id"""
TOLD = (
    "concat_ws(' ', number, external_id, customer.name, customer.email, regexp_replace(customer.phone, '\\D', '', 'g'),"
    " address.postal_code, address.city, address.name, codes)"
)


def at(moment: float, when: str) -> str:
    """The moment of orders of which this is true."""
    return f"CASE WHEN {when} THEN placed_at + took * {moment} END"


def write(params: dict[str, Any]) -> None:
    _orders(params)
    _words(params)
    _lines(params)
    _money(params)
    _holds(params)
    _events(params)


def _orders(params: dict[str, Any]) -> None:
    told = {
        **{name: name for name in ("number", "channel_id", "external_id", "state", "placed_at")},
        "id": "bulk_order.id",
        "fingerprint": "md5(external_id)",
        "customer_id": "customer.id",
        "customer_name": "customer.name",
        "email": "customer.email",
        "phone": "customer.phone",
        "shipping_address_id": "address_id",
        "billing_address_id": "address_id",
        "service_level": "CASE WHEN express THEN 'express' ELSE 'standard' END",
        "hold_state": "CASE WHEN hold = '' THEN 'none' ELSE 'held' END",
        "payment_state": "CASE WHEN stage IN ('cancelled', 'unpaid') THEN 'unpaid' ELSE 'paid' END",
        "fulfillment_state": "fulfillment",
        "currency": "'EUR'",
        "goods_total": "goods",
        "discount_total": "discount",
        "tax_total": "tax",
        "shipping_total": "shipping",
        "total": TOTAL,
        "paid_total": PAID,
        "promised_ship_by": f"CASE WHEN state <> '{OrderState.RECEIVED}' THEN placed_at"
        " + interval '1 day' * CASE WHEN express THEN 1 ELSE 2 END END",
        "promised_deliver_by": f"CASE WHEN state <> '{OrderState.RECEIVED}' THEN placed_at"
        " + interval '1 day' * CASE WHEN express THEN 2 ELSE 4 END END",
        "received_at": "placed_at",
        "confirmed_at": at(0.02, f"state IN ('{OrderState.CONFIRMED}', '{OrderState.CLOSED}')"),
        "shipped_at": at(0.5, f"step >= {stages.SHIPPED}"),
        "delivered_at": at(0.9, f"step >= {stages.DELIVERED}"),
        "closed_at": at(1, f"state = '{OrderState.CLOSED}'"),
        "cancelled_at": at(0.1, f"state = '{OrderState.CANCELLED}'"),
        "cancel_reason": "CASE WHEN stage = 'cancelled' THEN 'customer' ELSE '' END",
        "tracking_token": "left(md5(%(salt)s || number), 22)",
        "event_count": "events",
    }
    fill(Order, WHOLE, told, params)


def _words(params: dict[str, Any]) -> None:
    told = {
        "order_id": "bulk_order.id",
        "text": f"lower({TOLD})",
        "phone": "reverse(regexp_replace(customer.phone, '\\D', '', 'g'))",
    }
    fill(OrderSearch, WHOLE, told, params)


def _lines(params: dict[str, Any]) -> None:
    counters = ("cancelled", "allocated", "backordered", "shipped", "delivered", "discount", "tax")
    told = {
        **{name: name for name in ("id", "order_id", "position", "sku_id", "name", *counters)},
        "sku_code": "code",
        "unit_price": "price",
        "total": "price * units - discount + tax",
        "ordered": "units",
        "picked": "picked - shipped",
        "packed": "packed - shipped",
    }
    fill(OrderLine, "bulk_line", told, params)


def _money(params: dict[str, Any]) -> None:
    told = {
        "order_id": "id",
        "kind": f"'{Payment.Kind.PAID}'",
        "amount": TOTAL,
        "reference": "'pay-' || external_id",
        "tender": "'card'",
        "at": "placed_at",
    }
    paid = "bulk_order JOIN bulk_sum ON order_id = id WHERE stage NOT IN ('cancelled', 'unpaid')"
    fill(Payment, paid, told, params)


def _holds(params: dict[str, Any]) -> None:
    told = {
        "order_id": "id",
        "type": "hold",
        "reason": "'Please look before this goes on.'",
        "placed_at": "placed_at + took * 0.01",
        "placed_by_label": "'System'",
    }
    fill(Hold, "bulk_order WHERE hold <> ''", told, params)


def _events(params: dict[str, Any]) -> None:
    told = {
        **{name: name for name in ("seq", "verb")},
        "order_id": "id",
        "subject": "CASE verb WHEN 'order.routed' THEN fo_number WHEN 'shipment.handed_over' THEN shipment_number"
        " WHEN 'parcel.delivered' THEN tracking_number ELSE '' END",
        "actor_kind": "'system'",
        "actor_label": "'System'",
        "customer_visible": "verb IN ('order.received', 'shipment.handed_over', 'parcel.delivered')",
        "at": "placed_at + took * moment",
    }
    fill(OrderEvent, f"bulk_order JOIN {stages.events()} USING (stage)", told, params)
