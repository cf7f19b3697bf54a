"""The page of one order: everything the house knows about it, from the roof, where all of it can be seen."""

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from fulfillment import reasons
from fulfillment.models import Backorder, FulfillmentOrderLine, ParcelLine, SourcingDecision
from fulfillment.sourcing import MOVABLE
from fulfillment.statuses import BackorderState
from oms.common import htmx
from oms.common.permissions import requires
from orders import telling
from orders.models import Hold, Order, OrderChange
from orders.statuses import HoldType, Method, OrderState, ReturnState
from returns.models import Refund, Return

EVENTS_SHOWN = 60
FINAL = (OrderState.CLOSED, OrderState.CANCELLED)
FIXES = {HoldType.ADDRESS: "orders:address", HoldType.CONTACT: "orders:contact"}


@requires("orders.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    order = get_object_or_404(_visible(request.user), number__iexact=number)
    topic = request.GET.get("about", "")
    lines = list(order.lines.select_related("sku", "kit").order_by("position"))
    context = {
        "order": order,
        "lines": lines,
        "final": order.state in FINAL,
        "holds": _holds(order, lines) if order.is_held else [],
        "works": works(order),
        "parcels": parcels(order),
        "backorders": _backorders(order) if any(line.backordered for line in lines) else [],
        "payments": order.payments.order_by("at") if order.paid_total or order.authorised_total else [],
        "documents": order.documents.defer("pdf").order_by("issued_at"),
        "refunds": Refund.objects.filter(order=order).order_by("pk") if order.paid_total else [],
        "returns": _returns(order) if order.return_state != ReturnState.NONE else [],
        "notes": order.notes.order_by("-pinned", "-at"),
        "entries": telling.entries(_events(order, topic)),
        "topics": telling.TOPICS,
        "topic": topic,
        "changing": OrderChange.objects.filter(order=order, state="editing").first() if order.is_open else None,
        "open_units": sum(line.open for line in lines),
        "returnable": any(line.shipped > line.return_authorised for line in lines),
        "asked_for_address": order.method == Method.SHIP,
    }
    return htmx.render_page_or_part(request, "desk/order/show.html", "desk/order/_live.html", context)


def works(order: Order) -> list[dict[str, Any]]:
    """Fulfilment orders with their lines, and whether nobody has begun yet."""
    rows = (
        FulfillmentOrderLine.objects.filter(fulfillment_order__order=order)
        .select_related("sku", "fulfillment_order__location", "fulfillment_order__decision")
        .order_by("fulfillment_order", "pk")
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        mine = row.fulfillment_order
        work = found.setdefault(mine.pk, {"work": mine, "lines": [], "decision": mine.decision})
        work["lines"].append(row)
    for work in found.values():
        begun = any(line.picked for line in work["lines"])
        work["movable"] = work["work"].state in MOVABLE and not begun and work["work"].location_id is not None
    return list(found.values())


def parcels(order: Order) -> list[dict[str, Any]]:
    """What left or is about to, parcel by parcel."""
    rows = (
        ParcelLine.objects.filter(parcel__shipment__order=order)
        .select_related(
            "fulfillment_line__sku", "parcel__tracker", "parcel__shipment__account", "parcel__shipment__location"
        )
        .order_by("parcel__shipment", "parcel__position", "pk")
    )
    prefetch_related_objects([row for row in rows if row.fulfillment_line.sku.has_serials], "serials__serial")
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        parcel = found.setdefault(row.parcel_id, {"parcel": row.parcel, "shipment": row.parcel.shipment, "lines": []})
        parcel["lines"].append(row)
    return list(found.values())


def _visible(user: Any) -> Any:
    return Order.objects.visible_to(user).select_related(
        "channel", "customer", "shipping_address", "billing_address", "pickup_location"
    )


def _holds(order: Order, lines: list[Any]) -> list[dict[str, Any]]:
    """Each with what to fix, and where that is done."""
    unknown = [line for line in lines if line.sku_id is None]
    rows = Hold.objects.filter(order=order, state=Hold.State.ACTIVE).select_related("owner", "line").order_by("pk")
    fixable = order.state == OrderState.RECEIVED
    return [
        {
            "hold": hold,
            "fix": FIXES.get(hold.type, "") if fixable else "",
            "unknown": unknown if fixable and hold.type == HoldType.UNKNOWN_SKU else [],
        }
        for hold in rows
    ]


def _backorders(order: Order) -> Any:
    rows = Backorder.objects.filter(order_line__order=order, state=BackorderState.WAITING)
    return rows.select_related("sku", "location").order_by("pk")


def _returns(order: Order) -> Any:
    return Return.objects.filter(order=order).prefetch_related(Prefetch("lines")).order_by("pk")


def _events(order: Order, topic: str) -> Any:
    events = order.events.order_by("-seq")
    if topic in telling.TOPICS:
        events = events.filter(verb__in=telling.verbs_of(topic))
    return events[:EVENTS_SHOWN]


@requires("orders.view")
def why(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Why here: every place that was looked at, and its verdict."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number__iexact=number)
    decision = get_object_or_404(SourcingDecision.objects.select_related("order__channel"), order=order, pk=pk)
    context = {"order": order, "decision": decision, "reasons": reasons.of(decision)}
    return htmx.render_page_or_part(request, "desk/order/why.html", "desk/order/_why.html", context)
