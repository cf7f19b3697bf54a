"""The page of one order: everything the house knows about it, from the roof, where all of it can be seen."""

from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from fulfillment import parts, reasons
from fulfillment.models import FulfillmentOrderLine, ParcelLine, ParcelSerial, SourcingDecision
from fulfillment.sourcing import MOVABLE
from oms.common import htmx
from oms.common.permissions import requires
from oms.desk import order_facts
from orders import telling
from orders.models import Order
from orders.statuses import Method, OrderState

FINAL = (OrderState.CLOSED, OrderState.CANCELLED)


@requires("orders.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    order = get_object_or_404(_visible(request.user), number__iexact=number)
    topic = request.GET.get("about", "")
    lines = list(order.lines.select_related("sku", "kit").order_by("position"))
    context = {
        "order": order,
        "lines": lines,
        "final": order.state in FINAL,
        "works": works(order),
        "parts": parts.coming(order) if any(line.backordered for line in lines) else [],
        "parcels": parcels(order),
        **order_facts.read(order, lines, topic),
        "topics": telling.TOPICS,
        "topic": topic,
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
    numbered = Prefetch("serials", ParcelSerial.objects.select_related("serial").order_by("pk"))
    prefetch_related_objects([row for row in rows if row.fulfillment_line.sku.has_serials], numbered)
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        parcel = found.setdefault(row.parcel_id, {"parcel": row.parcel, "shipment": row.parcel.shipment, "lines": []})
        parcel["lines"].append(row)
    return list(found.values())


def _visible(user: Any) -> Any:
    return Order.objects.visible_to(user).select_related(
        "channel", "customer", "shipping_address", "billing_address", "pickup_location"
    )


@requires("orders.view")
def why(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Why here: every place that was looked at, and its verdict."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number__iexact=number)
    decision = get_object_or_404(SourcingDecision.objects.select_related("order__channel"), order=order, pk=pk)
    context = {"order": order, "decision": decision, "reasons": reasons.of(decision)}
    return htmx.render_page_or_part(request, "desk/order/why.html", "desk/order/_why.html", context)
