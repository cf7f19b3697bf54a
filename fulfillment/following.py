"""Parcels on their way are watched."""

from carriers import tracking
from fulfillment.models import Parcel, Shipment


def watch(shipment: Shipment) -> None:
    """Every parcel with a number gets its tracker; one that has it keeps it."""
    for parcel in Parcel.objects.filter(shipment=shipment, tracker=None).exclude(tracking_number="").order_by("pk"):
        parcel.tracker = tracking.watch(
            shipment.account, parcel.tracking_number, f"{shipment.number}/{parcel.position}"
        )
        parcel.save(update_fields=["tracker"])
