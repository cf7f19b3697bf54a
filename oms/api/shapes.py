"""What is told of an order, a shipment and stock. Amounts are text, times ISO 8601 with zone."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fulfillment.models import FulfillmentOrder, Shipment
from inventory.models import StockLevel
from oms.common.money import quantize
from orders.models import Order, OrderEvent, OrderLine
from orders.statuses import OrderState

COUNTERS = ("ordered", "cancelled", "allocated", "backordered", "picked", "packed", "shipped", "delivered")
COUNTERS += ("return_authorised", "returned")
STATES = ("state", "hold_state", "payment_state", "fulfillment_state", "return_state")
TOTALS = ("goods_total", "discount_total", "tax_total", "shipping_total", "total", "paid_total", "refunded_total")


def brief(order: Order) -> dict[str, Any]:
    """One row of the list."""
    return {
        "number": order.number,
        "channel": order.channel.code,
        "external_id": order.external_id,
        **{name: getattr(order, name) for name in STATES},
        "method": order.method,
        "currency": order.currency,
        **{name: _amount(getattr(order, name), order.currency) for name in TOTALS},
        "customer": {"name": order.customer_name, "email": order.email, "phone": order.phone},
        "placed_at": order.placed_at,
        "promised_ship_by": order.promised_ship_by,
        "promised_deliver_by": order.promised_deliver_by,
    }


def whole(order: Order, *, just_taken: bool = False) -> dict[str, Any]:
    """Everything about one order. With one that was just taken in nobody has begun anything, as long as it says so."""
    untouched = just_taken and order.state == OrderState.RECEIVED and not order.is_held
    begun = NOT_BEGUN if untouched else _begun(order)
    return brief(order) | {
        "shipping_address": _address(order.shipping_address),
        "billing_address": _address(order.billing_address),
        "tracking_token": order.tracking_token,
        "holds": begun["holds"],
        "lines": [line(row, order.currency) for row in order.lines.select_related("kit").order_by("position")],
        "fulfillment_orders": begun["fulfillment_orders"],
        "shipments": begun["shipments"],
        "events": [event(one) for one in order.events.order_by("seq")],
        "note": order.note,
    }


NOT_BEGUN: dict[str, list] = {"holds": [], "fulfillment_orders": [], "shipments": []}


def _begun(order: Order) -> dict[str, list]:
    works = order.fulfillment_orders.select_related("location").prefetch_related("lines__sku").order_by("pk")
    shipments = order.shipments.select_related("account", "location").prefetch_related("parcels").order_by("pk")
    return {
        "holds": [
            {"type": hold.type, "reason": hold.reason, "problems": hold.problems, "review_at": hold.review_at}
            for hold in order.holds.all()
            if hold.is_active
        ],
        "fulfillment_orders": [work(one) for one in works],
        "shipments": [shipment(one) for one in shipments],
    }


def line(row: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "external_line_id": row.external_line_id,
        "kit": {
            "position": row.kit.position,
            "sku": row.kit.sku_code,
            "version": row.kit.version,
            "per_kit": row.per_kit,
        }
        if row.kit
        else None,
        "sku": row.sku_code,
        "known": row.sku_id is not None,
        "name": row.name,
        **{name: _amount(getattr(row, name), currency) for name in ("unit_price", "discount", "tax", "total")},
        **{name: getattr(row, name) for name in COUNTERS},
    }


def work(one: FulfillmentOrder) -> dict[str, Any]:
    return {
        "number": one.number,
        "location": one.location.code if one.location else None,
        "method": one.method,
        "state": one.state,
        "ship_by": one.ship_by,
        "lines": [
            {
                "sku": row.sku.code,
                "quantity": row.quantity,
                "picked": row.picked,
                "packed": row.packed,
                "shipped": row.shipped,
                "delivered": row.delivered,
            }
            for row in one.lines.all()
        ],
    }


def shipment(one: Shipment) -> dict[str, Any]:
    return {
        "number": one.number,
        "order": one.order.number,
        "location": one.location.code,
        "state": one.state,
        "carrier": one.account.name if one.account else None,
        "service": one.service_name or one.service_code,
        "handed_over_at": one.handed_over_at,
        "delivered_at": one.delivered_at,
        "parcels": [
            {
                "position": parcel.position,
                "weight_g": parcel.weight_g,
                "tracking_number": parcel.tracking_number,
                "status": parcel.tracking_status,
                "delivered_at": parcel.delivered_at,
            }
            for parcel in one.parcels.all()
        ],
    }


def event(one: OrderEvent) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "at": one.at,
        "verb": one.verb,
        "subject": one.subject,
        "actor": {"kind": one.actor_kind, "label": one.actor_label},
        "before": one.before,
        "after": one.after,
        "particulars": one.particulars,
    }


def levels(rows: Iterable[StockLevel]) -> list[dict[str, Any]]:
    names = ("on_hand", "allocated", "reserved", "damaged", "safety", "available")
    return [{"location": row.location.code, **{name: getattr(row, name) for name in names}} for row in rows]


def _amount(amount: Decimal, currency: str) -> str:
    return str(quantize(amount, currency))


def _address(row: Any) -> dict[str, str] | None:
    if row is None:
        return None
    names = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")
    return {name: getattr(row, name) for name in names}
