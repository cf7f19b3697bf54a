"""What a parcel's news means for its order: delivered units, mails to the customer, cases for parcels in trouble.

The tracker never moves back, whatever order its news came in; here it is only read. Nothing here moves stock.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from carriers.models import Tracker
from carriers.statuses import Incident, TrackingStatus
from fulfillment import dispatch, work
from fulfillment.models import Parcel, Shipment
from fulfillment.statuses import ShipmentState
from oms.common import cases
from oms.common.actors import SYSTEM, Actor
from oms.common.locking import lock, retrying
from orders import notifications, progress, timeline
from orders.models import Order

Status = TrackingStatus
WITH_CARRIER = frozenset(Status) - {Status.PENDING, Status.UNKNOWN, Status.CANCELLED}
TROUBLE = {
    Status.DELIVERY_FAILED: "could not be delivered",
    Status.RETURN_TO_SENDER: "is coming back to us",
    Status.ON_HOLD: "is held by the carrier",
}


def apply(tracker_id: int, *, by: Any = None) -> None:
    """Bring every parcel of the tracker to what the carrier says. Safe to run twice, and out of order."""
    tracker = Tracker.objects.select_related("account").get(pk=tracker_id)
    carrier = by or Actor.carrier(tracker.account.name)
    for parcel in Parcel.objects.filter(tracker=tracker).order_by("pk"):
        if tracker.status in WITH_CARRIER and parcel.shipment.state == ShipmentState.LABELLED:
            dispatch.hand_over(parcel.shipment, is_gone=True, by=carrier)  # somebody forgot to say so
        _apply(parcel.pk, tracker_id, by=carrier)


def look_for_late(*, by: Any = SYSTEM) -> int:
    """Parcels past their day, or silent for too long, each as a case. How many there are."""
    late = Tracker.objects.late() | Tracker.objects.under_way().filter(stale=True)
    parcels = Parcel.objects.filter(
        tracker__in=late.values("pk"), delivered_at=None, shipment__state=ShipmentState.HANDED_OVER
    )
    found = list(parcels.select_related("tracker", "shipment__order").order_by("pk"))
    for parcel in found:
        silent = parcel.tracker.stale and not parcel.tracker.is_late
        _open_case(
            parcel.shipment.order,
            parcel,
            "parcel_late",
            "has been silent for too long" if silent else "is late",
            by=by,
        )
    return len(found)


@retrying
@transaction.atomic
def _apply(parcel_id: int, tracker_id: int, *, by: Any) -> None:
    shipment_id = Parcel.objects.values_list("shipment", flat=True).get(pk=parcel_id)
    order, _, shipment = work.locked_shipment(shipment_id)
    parcel = lock(Parcel.objects.filter(pk=parcel_id))[0]
    tracker = Tracker.objects.get(pk=tracker_id)
    before, parcel.tracking_status = parcel.tracking_status, tracker.status
    if before != tracker.status:
        parcel.save(update_fields=["tracking_status"])
        timeline.record(
            order,
            "parcel.moved",
            by=by,
            subject=parcel.tracking_number,
            customer_visible=True,
            before={"status": before},
            after={"status": tracker.status},
            text=tracker.last_text,
            place=tracker.last_place,
        )
    if tracker.status == Status.DELIVERED:
        _delivered(order, shipment, parcel, tracker, by=by)
    elif tracker.status == Status.OUT_FOR_DELIVERY and shipment.state == ShipmentState.HANDED_OVER:
        notifications.queue(
            order, "out_for_delivery", key=f"out_for_delivery:{parcel.pk}", number=parcel.tracking_number
        )
    elif tracker.incident_reason == Incident.LOST:
        _open_case(order, parcel, "parcel_lost", "is lost, the carrier says", by=by)
    elif tracker.status in TROUBLE:
        why = str(Incident(tracker.incident_reason).label).lower() if tracker.incident_reason else tracker.last_text
        _open_case(order, parcel, "parcel_failed", TROUBLE[tracker.status], detail=why, by=by)


def _delivered(order: Order, shipment: Shipment, parcel: Parcel, tracker: Tracker, *, by: Any) -> None:
    if parcel.delivered_at or shipment.state != ShipmentState.HANDED_OVER:
        return
    parcel.delivered_at = tracker.delivered_at or timezone.now()
    parcel.save(update_fields=["delivered_at"])
    inside = {line.fulfillment_line_id: line.quantity for line in parcel.lines.filter(delivered=False)}
    parcel.lines.update(delivered=True)
    arrived = [(line, inside[line.pk]) for line in work.lines_of(shipment.fulfillment_order) if line.pk in inside]
    for line, units in arrived:
        line.delivered += units
        line.save(update_fields=["delivered"])
    progress.record_delivered(order, work.by_order_line(arrived), by=by)
    timeline.record(
        order,
        "parcel.delivered",
        by=by,
        subject=parcel.tracking_number,
        customer_visible=True,
        signed_by=tracker.signed_by,
    )
    if not shipment.parcels.filter(delivered_at=None).exists():
        shipment.delivered_at = timezone.now()
        shipment.save(update_fields=["delivered_at"])
    notifications.queue(order, "delivered", key=f"delivered:{parcel.pk}", number=parcel.tracking_number)
    for kind in ("parcel_late", "parcel_lost", "parcel_failed"):
        cases.resolve_case(f"{kind}:{parcel.pk}", by=by, resolution="Delivered")
    work.settle_order(order, by=by)


def _open_case(order: Order, parcel: Parcel, kind: str, what: str, *, detail: str = "", by: Any) -> None:
    cases.open_case(
        kind,
        f"order:{order.number}",
        title=f"Parcel {parcel.tracking_number} of {order} {what}",
        detail=detail,
        key=f"{kind}:{parcel.pk}",
        action_label="Open the order",
        action_url=f"/orders/{order.number}/",
        severity="high" if kind != "parcel_late" else "normal",
        sla_minutes=480,
        by=by,
    )
