"""What a shipment sets in motion below: its invoice, the channel's notice, and the facts for the customer's mail."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet, Sum

from fulfillment.models import ParcelLine, Shipment
from fulfillment.statuses import ShipmentState
from oms.common.actors import Actor
from orders import documents
from orders.channels import outbound
from orders.channels.base import ShipmentNotice
from orders.models import Order


def invoice(order: Order, shipment: Shipment, *, by: Any) -> None:
    """Once a shipment, over the units in its parcels; those of parcels that were opened again were billed before.

    Quiet when it was issued already.
    """
    units, billed = units_of(shipment), documents.billed(order)
    if billed:
        left = _billed_for_nobody(order, shipment, billed)
        units = {line: max(count - left.get(line, 0), 0) for line, count in units.items()}
    documents.invoice(order, key=f"shipment:{shipment.pk}", units=units, by=by)


def _billed_for_nobody(order: Order, shipment: Shipment, billed: Mapping[int, int]) -> dict[int, int]:
    """order line → units on invoices that are in no other shipment with an invoice or a label."""
    keys = order.documents.filter(key__startswith="shipment:").values_list("key", flat=True)
    told = Q(pk__in=[int(key.partition(":")[2]) for key in keys])
    told |= Q(state__in=(ShipmentState.LABELLED, ShipmentState.HANDED_OVER))
    others = Shipment.objects.filter(told, order=order).exclude(pk=shipment.pk).exclude(state=ShipmentState.VOIDED)
    spoken = _inside(ParcelLine.objects.filter(parcel__shipment__in=others))
    return {line: max(count - spoken.get(line, 0), 0) for line, count in billed.items()}


def announce(order: Order, shipment: Shipment) -> None:
    """Tell the channel that took the order."""
    parcels = list(shipment.parcels.select_related("label").order_by("position"))
    outbound.announce_shipment(
        order,
        ShipmentNotice(
            reference=shipment.number,
            carrier=str(shipment.account or shipment.location),
            service=shipment.service_name,
            tracking_numbers=tuple(parcel.tracking_number for parcel in parcels if parcel.tracking_number),
            tracking_urls=tuple(parcel.label.tracking_url for parcel in parcels if parcel.label),
            lines=units_of(shipment),
            shipped_at=shipment.handed_over_at,
        ),
    )


def announce_cancelled(order: Order, units: Mapping[int, int], *, reason: str, by: Any) -> None:
    """Tell the channel what will not come, unless it was the channel that said so. After the event was recorded."""
    if units and Actor.of(by).kind != "channel":
        outbound.announce_cancellation(order, units, reference=f"cancelled-{order.event_count}", reason=reason)


def units_of(shipment: Shipment) -> dict[int, int]:
    """order line → units in the sealed parcels."""
    return _inside(ParcelLine.objects.filter(parcel__shipment=shipment))


def _inside(rows: QuerySet[ParcelLine]) -> dict[int, int]:
    sealed = rows.filter(parcel__sealed_at__isnull=False)
    return dict(sealed.values_list("fulfillment_line__order_line").annotate(units=Sum("quantity")))


def shipped_facts(shipment: Shipment) -> dict[str, Any]:
    """For the mail: carrier, service, numbers with their pages, and what is inside."""
    parcels = shipment.parcels.select_related("label").order_by("position")
    lines = shipment.order.lines.in_bulk(units_of(shipment))
    return {
        "shipment": shipment.number,
        "carrier": str(shipment.account or ""),
        "service": shipment.service_name,
        "parcels": [
            {"number": parcel.tracking_number, "url": parcel.label.tracking_url if parcel.label else ""}
            for parcel in parcels
            if parcel.tracking_number
        ],
        "lines": [
            {"sku": lines[pk].sku_code, "name": lines[pk].name, "units": units}
            for pk, units in units_of(shipment).items()
        ],
        "deliver_by": shipment.deliver_by.isoformat() if shipment.deliver_by else "",
    }
