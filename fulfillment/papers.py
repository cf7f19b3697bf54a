"""What a shipment sets in motion below: its invoice, the channel's notice, and the facts for the customer's mail."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Sum

from fulfillment.models import ParcelLine, Shipment
from oms.common.actors import Actor
from orders import documents
from orders.channels import outbound
from orders.channels.base import ShipmentNotice
from orders.models import Order


def invoice(order: Order, shipment: Shipment, *, by: Any) -> None:
    """Once a shipment, over the units in its parcels. Quiet when it was issued already."""
    documents.invoice(order, key=f"shipment:{shipment.pk}", units=units_of(shipment), by=by)


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
    inside = ParcelLine.objects.filter(parcel__shipment=shipment, parcel__sealed_at__isnull=False)
    return dict(inside.values_list("fulfillment_line__order_line").annotate(units=Sum("quantity")))


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
