"""Units with serial numbers in parcels: which one went into which, and away with it."""

from typing import Any

from fulfillment.models import ParcelLine, ParcelSerial, Shipment
from fulfillment.statuses import ShipmentState
from inventory import serials
from inventory.models import Serial
from inventory.serials import WrongSerial
from inventory.skus import Scan


def unit(shipment: Shipment, found: Scan, code: str, units: int) -> Serial:
    """The one unit that this scan means. Refused without its number, and when it lies in a parcel already."""
    code = code.strip() or found.serial
    if not code:
        raise WrongSerial(f"{found.sku.code} is kept by serial number: scan or enter the number on it.")
    if units != 1:
        raise WrongSerial(f"{found.sku.code} is kept by serial number: pack one unit at a time.")
    serial = serials.to_pack(found.sku, code)
    packed = ParcelSerial.objects.filter(serial=serial).exclude(
        parcel_line__parcel__shipment__state__in=(ShipmentState.VOIDED, ShipmentState.HANDED_OVER)
    )
    if there := packed.select_related("parcel_line__parcel__shipment").first():
        raise WrongSerial(f"{serial} lies in {there.parcel_line.parcel.shipment} already. Scan another unit.")
    return serial


def put_in(line: ParcelLine, serial: Serial) -> None:
    ParcelSerial.objects.create(parcel_line=line, serial=serial)


def take_out(line: ParcelLine, code: str, units: int) -> None:
    """So many units leave the line: the one of that number, else the ones put in last."""
    rows = line.serials.filter(serial__code__iexact=code) if code else line.serials.all()
    gone = list(rows.order_by("-pk").values_list("pk", flat=True)[:units])
    line.serials.filter(pk__in=gone).delete()


def leave(shipment: Shipment, *, by: Any) -> None:
    """All in its sealed parcels is gone."""
    rows = Serial.objects.filter(
        parcels__parcel_line__parcel__shipment=shipment, parcels__parcel_line__parcel__sealed_at__isnull=False
    )
    serials.leave(rows, reference=shipment.number, by=by)


def shipments_of(code: str) -> list[Shipment]:
    """Shipments that a unit of that number was packed for, the newest first."""
    units = [serial.pk for serial in serials.found(code)]
    if not units:
        return []
    rows = ParcelSerial.objects.filter(serial__in=units).order_by("-pk")
    rows = rows.exclude(parcel_line__parcel__shipment__state=ShipmentState.VOIDED)
    return [row.parcel_line.parcel.shipment for row in rows.select_related("parcel_line__parcel__shipment__order")[:20]]
