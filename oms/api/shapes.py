"""What is told of an order, a shipment and stock. Amounts are text, times ISO 8601 with zone."""

from collections.abc import Iterable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from fulfillment.models import FulfillmentOrder, Shipment
from inventory.models import StockLevel
from oms.common import sql
from oms.common.money import quantize
from oms.common.postal import PostalAddress
from orders.models import Hold
from orders.statuses import HoldState, OrderState


def _of(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


COUNTERS = ("ordered", "cancelled", "allocated", "backordered", "picked", "packed", "shipped", "delivered")
COUNTERS += ("return_authorised", "returned")
STATES = ("state", "hold_state", "payment_state", "fulfillment_state", "return_state")
TOTALS = ("goods_total", "discount_total", "tax_total", "shipping_total", "total", "paid_total", "refunded_total")


def brief(order: Any, channel: str) -> dict[str, Any]:
    """One row of the list: an order, or the same columns of one."""
    return {
        "number": order.number,
        "channel": channel,
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


ADDRESS = tuple(PostalAddress.__dataclass_fields__)
COLUMNS = ("id", "number", "external_id", *STATES, "method", "currency", *TOTALS, "customer_name", "email", "phone")
COLUMNS += ("placed_at", "promised_ship_by", "promised_deliver_by", "tracking_token", "note")
LINE = ("id", "external_line_id", "sku_code", "sku_id", "name", "unit_price", "discount", "tax", "total", *COUNTERS)
LINE += ("per_kit",)
EVENT = ("seq", "at", "verb", "subject", "actor_kind", "actor_label", "before", "after", "particulars")
ORDER = sql.Statement(f"""
SELECT c.code, a.id, b.id, {_of("o", COLUMNS)}, {_of("a", ADDRESS)}, {_of("b", ADDRESS)}
FROM orders_order o JOIN orders_channel c ON c.id = o.channel_id
LEFT JOIN common_address a ON a.id = o.shipping_address_id LEFT JOIN common_address b ON b.id = o.billing_address_id
WHERE o.number = :number
""")  # noqa: S608  names of columns
LINES = sql.Statement(f"""
SELECT k.position, k.sku_code, k.version, {_of("l", LINE)}
FROM orders_orderline l LEFT JOIN orders_orderkit k ON k.id = l.kit_id
WHERE l.order_id = :order_id::bigint ORDER BY l.position
""")  # noqa: S608  names of columns
EVENTS = sql.Statement(f"""
SELECT {_of("e", EVENT)} FROM orders_orderevent e WHERE e.order_id = :order_id::bigint ORDER BY e.seq
""")  # noqa: S608  names of columns


def whole(number: str, *, just_taken: bool = False) -> dict[str, Any] | None:
    """Everything about one order; None when there is none of that number.

    With one that was just taken in nobody has begun anything, as long as it says so.
    """
    found = ORDER.rows(number=number)
    if not found:
        return None
    (channel, shipped_to, billed_to, *rest), width = found[0], len(COLUMNS)
    order = SimpleNamespace(**dict(zip(COLUMNS, rest[:width], strict=True)))
    addresses = rest[width : width + len(ADDRESS)], rest[width + len(ADDRESS) :]
    untouched = just_taken and order.state == OrderState.RECEIVED and order.hold_state == HoldState.NONE
    begun = NOT_BEGUN if untouched else _begun(order.id)
    return brief(order, channel) | {
        "shipping_address": dict(zip(ADDRESS, addresses[0], strict=True)) if shipped_to else None,
        "billing_address": dict(zip(ADDRESS, addresses[1], strict=True)) if billed_to else None,
        "tracking_token": order.tracking_token,
        "holds": begun["holds"],
        "lines": [_line(row, order.currency) for row in LINES.rows(order_id=order.id)],
        "fulfillment_orders": begun["fulfillment_orders"],
        "shipments": begun["shipments"],
        "events": [_event(row) for row in EVENTS.rows(order_id=order.id)],
        "note": order.note,
    }


NOT_BEGUN: dict[str, list] = {"holds": [], "fulfillment_orders": [], "shipments": []}


def _begun(order_id: int) -> dict[str, list]:
    works = FulfillmentOrder.objects.filter(order=order_id).select_related("location").prefetch_related("lines__sku")
    sent = Shipment.objects.filter(order=order_id).select_related("account", "location", "order")
    return {
        "holds": [
            {"type": hold.type, "reason": hold.reason, "problems": hold.problems, "review_at": hold.review_at}
            for hold in Hold.objects.filter(order=order_id)
            if hold.is_active
        ],
        "fulfillment_orders": [work(one) for one in works.order_by("pk")],
        "shipments": [shipment(one) for one in sent.prefetch_related("parcels").order_by("pk")],
    }


def _line(row: tuple, currency: str) -> dict[str, Any]:
    position, kit, version = row[:3]
    told = dict(zip(LINE, row[3:], strict=True))
    return {
        "id": told["id"],
        "external_line_id": told["external_line_id"],
        "kit": {"position": position, "sku": kit, "version": version, "per_kit": told["per_kit"]} if kit else None,
        "sku": told["sku_code"],
        "known": told["sku_id"] is not None,
        "name": told["name"],
        **{name: _amount(told[name], currency) for name in ("unit_price", "discount", "tax", "total")},
        **{name: told[name] for name in COUNTERS},
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


def _event(row: tuple) -> dict[str, Any]:
    told = dict(zip(EVENT, row, strict=True))
    actor = {"kind": told.pop("actor_kind"), "label": told.pop("actor_label")}
    before, after, particulars = told.pop("before"), told.pop("after"), told.pop("particulars")
    return told | {"actor": actor, "before": before, "after": after, "particulars": particulars}


def levels(rows: Iterable[StockLevel]) -> list[dict[str, Any]]:
    names = ("on_hand", "allocated", "reserved", "damaged", "safety", "available")
    return [{"location": row.location.code, **{name: getattr(row, name) for name in names}} for row in rows]


def _amount(amount: Decimal, currency: str) -> str:
    return str(quantize(amount, currency))
