"""Every unit is scanned into the open parcel, and out of it again."""

from typing import Any

from django.db import transaction

from fulfillment import codes, numbered
from fulfillment.models import FulfillmentOrderLine, Parcel, ParcelLine, Shipment
from fulfillment.packing.contents import open_parcel, rows
from fulfillment.packing.opening import draft
from inventory.models import Sku
from oms.common.errors import Refused
from oms.common.locking import retrying


class WrongScan(Refused):
    """Not in this order, or too many."""

    code = "wrong_scan"
    status = 422


@retrying
@transaction.atomic
def scan(shipment: Shipment, code: str, *, quantity: int = 1, serial: str = "", by: Any) -> Parcel:
    """`quantity` times this barcode goes into the open parcel. Raises WrongScan and says what it is.

    Of a SKU with serial numbers one unit at a time, with its number.
    """
    _, shipment = draft(shipment)
    found = codes.item(code)
    if found is None:
        raise WrongScan(f"“{code.strip()}” is not known.")
    units = found.quantity * quantity
    mine = [row for row in rows(shipment) if row.line.sku_id == found.sku.pk]
    if not mine:
        raise WrongScan(f"{found.sku.code} {found.sku.name} is not in this order.")
    left = sum(row.remaining for row in mine)
    if not 0 < units <= left:
        raise WrongScan(f"Only {left} more of {found.sku.code} belong in, not {units}.")
    parcel = open_parcel(shipment)
    _alone(parcel, found.sku, units)
    unit = numbered.unit(shipment, found, serial, units) if found.sku.has_serials else None
    for row in mine:
        if taken := min(units, row.remaining):
            units -= taken
            inside = _into(parcel, row.line, taken)
            if unit:
                numbered.put_in(inside, unit)
    return parcel


@retrying
@transaction.atomic
def unscan(shipment: Shipment, code: str, *, quantity: int = 1, by: Any) -> Parcel:
    """Take units out of the open parcel again."""
    _, shipment = draft(shipment)
    found, parcel = codes.item(code), open_parcel(shipment)
    inside = parcel.lines.filter(fulfillment_line__sku=found.sku if found else None).order_by("-pk")
    if found and found.serial:
        inside = inside.filter(serials__serial__code__iexact=found.serial)
    left = (found.quantity if found else 1) * quantity
    if sum(line.quantity for line in inside) < left:
        raise WrongScan(f"“{code.strip()}” is not in the open parcel that often.")
    for line in inside:
        taken = min(left, line.quantity)
        left -= taken
        if found.sku.has_serials:
            numbered.take_out(line, found.serial, taken)
        line.quantity -= taken
        line.save(update_fields=["quantity"]) if line.quantity else line.delete()
    return parcel


def _alone(parcel: Parcel, sku: Sku, units: int) -> None:
    """What ships alone has a parcel of its own, one unit in each."""
    inside = list(parcel.lines.select_related("fulfillment_line__sku"))
    other = next((line.fulfillment_line.sku for line in inside if line.fulfillment_line.sku.ships_alone), None)
    if other:
        raise WrongScan(f"{other.code} ships alone. Seal this parcel first; {sku.code} goes into the next.")
    if sku.ships_alone and (inside or units > 1):
        raise WrongScan(f"{sku.code} ships alone, one in a parcel. Seal this parcel first, then scan one.")


def _into(parcel: Parcel, line: FulfillmentOrderLine, units: int) -> ParcelLine:
    inside, made = ParcelLine.objects.get_or_create(parcel=parcel, fulfillment_line=line, defaults={"quantity": units})
    if not made:
        inside.quantity += units
        inside.save(update_fields=["quantity"])
    return inside
