"""How every verb of the floor begins and ends: rows under lock in the order of the house; an order that is done."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, Shipment
from inventory.stock import ledger
from oms.common.errors import Refused
from oms.common.locking import lock
from orders import lifecycle
from orders.models import Order


class NotNow(Refused):
    """The work is not at a point where this can be done."""

    code = "not_now"


def locked(fulfillment_order: FulfillmentOrder | int) -> tuple[Order, FulfillmentOrder]:
    pk = getattr(fulfillment_order, "pk", fulfillment_order)
    order = lock(Order.objects.filter(fulfillment_orders=pk))[0]
    return order, lock(FulfillmentOrder.objects.filter(pk=pk).select_related("location"))[0]


def locked_shipment(shipment: Shipment | int) -> tuple[Order, FulfillmentOrder, Shipment]:
    pk = getattr(shipment, "pk", shipment)
    order = lock(Order.objects.filter(shipments=pk))[0]
    work = lock(FulfillmentOrder.objects.filter(shipments=pk).select_related("location"))[0]
    return order, work, lock(Shipment.objects.filter(pk=pk))[0]


def lines_of(fulfillment_order: FulfillmentOrder) -> list[FulfillmentOrderLine]:
    """Its lines, locked, each with its order line and SKU."""
    rows = FulfillmentOrderLine.objects.filter(fulfillment_order=fulfillment_order)
    return lock(rows.select_related("order_line", "sku"))


def lock_stock(lines: Iterable[FulfillmentOrderLine], location_id: int | None) -> None:
    """All their levels at once, so that verbs which move bin by bin keep the one lock order."""
    if location_id is not None:
        ledger.lock_levels({(line.sku_id, location_id) for line in lines})


def by_order_line(units: Iterable[tuple[FulfillmentOrderLine, int]]) -> dict[int, int]:
    """order line → units, as orders.progress wants them."""
    told: dict[int, int] = {}
    for line, count in units:
        if count:
            told[line.order_line_id] = told.get(line.order_line_id, 0) + count
    return told


def open_units(fulfillment_order: FulfillmentOrder) -> int:
    left = fulfillment_order.lines.filter(quantity__gt=F("shipped")).values_list("quantity", "shipped")
    return sum(quantity - shipped for quantity, shipped in left)


def settle_order(order: Order, *, reason: str = "", by: Any) -> None:
    """Nothing is left to do: all cancelled, or all that was not cancelled is delivered. Call with the order locked."""
    if not order.is_open:
        return
    lines = list(order.lines.all())
    if all(line.cancelled == line.ordered for line in lines):
        lifecycle.mark_cancelled(order, reason=reason, by=by)
    elif all(line.delivered == line.ordered - line.cancelled for line in lines):
        lifecycle.close(order, by=by)
