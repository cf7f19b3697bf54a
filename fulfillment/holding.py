"""Who holds the units of a SKU: fulfilment lines that are promised some, and backorders that wait for some."""

from typing import Any

from django.db.models import F, Sum, Window
from django.urls import reverse

from fulfillment.models import Backorder, FulfillmentOrder, FulfillmentOrderLine
from fulfillment.statuses import BackorderState
from inventory.holders import Holder, Queue


def promised(sku_id: int, user: Any, most: int) -> list[Holder]:
    rows = FulfillmentOrderLine.objects.filter(sku=sku_id, quantity__gt=F("shipped"))
    if not user.all_locations:
        rows = rows.filter(fulfillment_order__in=FulfillmentOrder.objects.visible_to(user))
    rows = rows.select_related("fulfillment_order__order", "fulfillment_order__location").order_by("pk")
    return [_of_work(row) for row in rows[:most]]


def waiting(sku_id: int, user: Any, most: int) -> Queue:
    rows = Backorder.objects.filter(sku=sku_id, state=BackorderState.WAITING).select_related("order_line__order")
    rows = list(rows.annotate(in_all=Window(Sum("quantity"))).order_by("queued_at", "pk")[:most])
    return Queue([_of_queue(row) for row in rows], rows[0].in_all if rows else 0)


def _of_work(row: FulfillmentOrderLine) -> Holder:
    work = row.fulfillment_order
    return Holder(
        work.number,
        reverse("fulfillment:show", args=[work.number]),
        row.allocated,
        f"{work.get_state_display()}, order {work.order.number}",
        str(work.location or ""),
        work.ship_by,
    )


def _of_queue(row: Backorder) -> Holder:
    order = row.order_line.order
    detail = f"waits for {row.supply}" if row.supply else "nothing is due for it"
    return Holder(order.number, order.get_absolute_url(), row.quantity, detail, at=row.expected_at)
