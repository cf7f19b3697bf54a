"""Parcels on their way are watched."""

from carriers import tracking
from fulfillment.models import Parcel, Shipment


def watch(shipment: Shipment) -> None:
    """Every parcel with a label and a number gets its tracker; one that has it keeps it."""
    parcels = Parcel.objects.filter(shipment=shipment, tracker=None, label__isnull=False).exclude(tracking_number="")
    for parcel in parcels.select_related("label").order_by("pk"):
        parcel.tracker = parcel.label.tracker or tracking.watch(
            shipment.account,
            parcel.tracking_number,
            f"{shipment.number}/{parcel.position}",
            deliver_by=shipment.deliver_by,
            tracking_url=parcel.label.tracking_url,
        )
        parcel.save(update_fields=["tracker"])
