"""The moment goods leave the house, by carrier or over the counter: stock drops and the order's counters move."""

from typing import Any

from django.db.models import Sum
from django.utils import timezone

from fulfillment import numbered, settling, work
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, ParcelLine, Shipment
from fulfillment.statuses import FULFILLMENT_MOVES, SHIPMENT_MOVES, FulfillmentOrderState, ShipmentState
from inventory import stock
from oms.common import states
from oms.common.crash import crash_point
from orders import progress
from orders.models import Order

Shipped = list[tuple[FulfillmentOrderLine, int]]


def leave(order: Order, mine: FulfillmentOrder, shipment: Shipment, *, by: Any) -> Shipped:
    """All in the shipment's parcels is gone. Call with order, work and shipment locked; the caller tells of it."""
    inside = dict(
        ParcelLine.objects.filter(parcel__shipment=shipment, parcel__sealed_at__isnull=False)
        .values_list("fulfillment_line")
        .annotate(units=Sum("quantity"))
    )
    shipped = [(line, inside[line.pk]) for line in work.lines_of(mine) if line.pk in inside]
    leaving: dict[tuple[int, int], int] = {}
    for line, units in shipped:
        leaving[line.sku_id, mine.location_id] = leaving.get((line.sku_id, mine.location_id), 0) + units
    stock.ship(leaving, reference=mine.number, by=by)
    numbered.leave(shipment, by=by)
    crash_point("leaving.stock_dropped")
    for line, units in shipped:
        line.shipped += units
        line.save(update_fields=["shipped"])
    progress.record_shipped(order, work.by_order_line(shipped), by=by)
    states.advance(shipment, ShipmentState.HANDED_OVER, moves=SHIPMENT_MOVES)
    shipment.handed_over_at = timezone.now()
    shipment.save()
    if not work.open_units(mine):
        states.advance(mine, FulfillmentOrderState.COMPLETED, moves=FULFILLMENT_MOVES)
        mine.completed_at = timezone.now()
        mine.save()
        settling.free_tote(mine)
    return shipped
