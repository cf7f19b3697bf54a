"""What was packed and has not left is opened again: labels are taken back, the units lie picked in staging."""

from typing import Any

from django.db.models import Sum

from carriers import labels
from fulfillment import work
from fulfillment.models import FulfillmentOrder, Parcel, ParcelLine, Shipment
from fulfillment.statuses import FULFILLMENT_MOVES, SHIPMENT_MOVES, FulfillmentOrderState, ShipmentState
from oms.common import states
from oms.common.locking import lock
from orders import progress, timeline
from orders.models import Order

OPEN_SHIPMENTS = (ShipmentState.DRAFT, ShipmentState.SEALED, ShipmentState.LABELLED)
PACKED_STATES = (FulfillmentOrderState.PACKED, FulfillmentOrderState.READY_FOR_PICKUP)


def unpack(order: Order, mine: FulfillmentOrder, *, reason: str, by: Any) -> list[Shipment]:
    """Void every shipment of the work that has not left. Quiet when there is none. Call with order and work locked."""
    shipments = lock(Shipment.objects.filter(fulfillment_order=mine, state__in=OPEN_SHIPMENTS))
    for shipment in shipments:
        _take_out(order, mine, shipment, by=by)
        take_labels_back(shipment, by=by)
        states.advance(shipment, ShipmentState.VOIDED, moves=SHIPMENT_MOVES)
        shipment.manifest = None
        shipment.save()
        timeline.record(order, "shipment.voided", by=by, subject=shipment.number, reason=reason)
    if mine.state in PACKED_STATES:
        states.advance(mine, FulfillmentOrderState.PICKED, moves=FULFILLMENT_MOVES)
        mine.packed_at = mine.ready_at = mine.collect_until = None
        mine.collect_code = ""
        mine.save()
    return shipments


def unlabel(order: Order, shipment: Shipment, *, reason: str, by: Any) -> None:
    """A labelled shipment needs another label. Call with order, work and shipment locked."""
    take_labels_back(shipment, by=by)
    if shipment.state == ShipmentState.LABELLED:
        states.advance(shipment, ShipmentState.SEALED, moves=SHIPMENT_MOVES)
    shipment.manifest = shipment.account = shipment.labelled_at = shipment.deliver_by = None
    shipment.service_code = shipment.service_name = shipment.chosen_because = ""
    shipment.cost = 0
    shipment.save()
    timeline.record(order, "label.taken_back", by=by, subject=shipment.number, reason=reason)


def take_labels_back(shipment: Shipment, *, by: Any) -> None:
    """Ask the carrier to void every live label of the shipment; its parcels have none then."""
    parcels = lock(Parcel.objects.filter(shipment=shipment, label__isnull=False).select_related("label"))
    for parcel in parcels:
        if parcel.label.is_live:
            labels.void(parcel.label_id, by=by)
        parcel.label, parcel.tracker, parcel.tracking_number = None, None, ""
        parcel.save(update_fields=["label", "tracker", "tracking_number"])


def _take_out(order: Order, mine: FulfillmentOrder, shipment: Shipment, *, by: Any) -> None:
    inside = dict(
        ParcelLine.objects.filter(parcel__shipment=shipment, parcel__sealed_at__isnull=False)
        .values_list("fulfillment_line")
        .annotate(units=Sum("quantity"))
    )
    taken = [(line, inside[line.pk]) for line in work.lines_of(mine) if line.pk in inside]
    for line, units in taken:
        line.packed -= units
        line.save(update_fields=["packed"])
    if taken:
        progress.record_packed(order, {pk: -n for pk, n in work.by_order_line(taken).items()}, by=by)
