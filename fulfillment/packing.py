"""The pack station: find the work by any code on it, scan every unit into the open parcel, close it with its weight.

Only what was scanned can be sealed, and a shipment is complete only when all that was picked is in its parcels.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from fulfillment import cartons, codes, interception, numbered, pickup, settling, unpacking, work
from fulfillment.cartons import Box, Piece
from fulfillment.models import BoxType, FulfillmentOrder, FulfillmentOrderLine, Parcel, ParcelLine, Shipment
from fulfillment.statuses import FULFILLMENT_MOVES, SHIPMENT_MOVES, FulfillmentOrderState, ShipmentState
from inventory.models import Location, Sku
from oms.common import numbering, states
from oms.common.crash import crash_point
from oms.common.errors import Invalid, Refused
from oms.common.locking import lock, retrying
from orders import holds, progress, timeline
from orders.models import Order
from orders.statuses import Method, Verb

TOLERANCE_G, TOLERANCE = 80, 0.15  # a weight further off than both asks for a second look


class WrongScan(Refused):
    """Not in this order, or too many."""

    code = "wrong_scan"
    status = 422


class WeightOff(Refused):
    """The scale says something else than the contents. `facts`: expected, weighed."""

    code = "weight_off"
    status = 422


@dataclass(frozen=True)
class Row:
    """A line at the pack station: units picked, in sealed parcels, and in the open one."""

    line: FulfillmentOrderLine
    picked: int
    sealed: int
    scanned: int

    @property
    def remaining(self) -> int:
        return self.picked - self.sealed - self.scanned


@retrying
@transaction.atomic
def start(code: str, *, location: Location | None = None, by: Any) -> Shipment:
    """Open the shipment of the picked work that a tote, fulfilment order or order number means; the same one again.

    Raises NotNow when nothing picked, or more than one, is meant, and Held.
    """
    found = codes.work_at(location.pk if location else None, code)
    picked = [one for one in found if one.state == FulfillmentOrderState.PICKED]
    if len(picked) != 1:
        raise work.NotNow(_why_not(code, found, picked))
    order, mine = work.locked(picked[0])
    holds.require(order, Verb.PACK)
    interception.refuse_open(mine)
    if mine.state != FulfillmentOrderState.PICKED:
        raise work.NotNow(_why_not(code, [mine], []))
    open_ones = lock(Shipment.objects.filter(fulfillment_order=mine, state=ShipmentState.DRAFT))
    return open_ones[0] if open_ones else _open(order, mine)


def rows(shipment: Shipment) -> list[Row]:
    """What the station shows: every line with its counts."""
    counts: dict[tuple[int, bool], int] = {}
    for line_id, units, sealed_at in ParcelLine.objects.filter(parcel__shipment=shipment).values_list(
        "fulfillment_line", "quantity", "parcel__sealed_at"
    ):
        key = (line_id, sealed_at is not None)
        counts[key] = counts.get(key, 0) + units
    lines = shipment.fulfillment_order.lines.select_related("sku", "order_line").order_by("pk")
    return [
        Row(line, line.picked - line.shipped, counts.get((line.pk, True), 0), counts.get((line.pk, False), 0))
        for line in lines
        if line.picked > line.shipped
    ]


@retrying
@transaction.atomic
def scan(shipment: Shipment, code: str, *, quantity: int = 1, serial: str = "", by: Any) -> Parcel:
    """`quantity` times this barcode goes into the open parcel. Raises WrongScan and says what it is.

    Of a SKU with serial numbers one unit at a time, with its number.
    """
    _, shipment = _draft(shipment)
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
    _, shipment = _draft(shipment)
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


def propose_box(shipment: Shipment) -> list[BoxType]:
    """Boxes for what is in the open parcel (for all of it while nothing is scanned), the best first."""
    boxes = {box.pk: box for box in BoxType.objects.filter(active=True)}
    shapes = [
        Box(b.pk, b.code, b.length_mm, b.width_mm, b.height_mm, b.tare_g, b.max_weight_g, b.cost)
        for b in boxes.values()
    ]
    return [boxes[box.id] for box in cartons.fitting(_pieces(shipment), shapes)]


def expected_weight_g(shipment: Shipment, box: BoxType | None = None) -> int:
    """What the open parcel should weigh."""
    return cartons.weight_g(_pieces(shipment)) + (box.tare_g if box else 0)


@retrying
@transaction.atomic
def seal(
    shipment: Shipment, weight_g: int | None = None, *, box: BoxType | None = None, anyway: bool = False, by: Any
) -> Parcel:
    """Close the open parcel. With the last picked unit in it, the shipment is ready for its label (or the counter).

    `weight_g` is expected when empty; far off it raises WeightOff unless `anyway`. More units left: scan on, the next
    scan opens the next parcel.
    """
    order, shipment = _draft(shipment)
    holds.require(order, Verb.PACK)
    mine = shipment.fulfillment_order
    interception.refuse_open(mine)
    parcel = open_parcel(shipment)
    inside = list(parcel.lines.select_related("fulfillment_line"))
    if not inside:
        raise WrongScan("Nothing has been scanned into this parcel.")
    _close(parcel, box, _weight(shipment, weight_g, box, anyway))
    lines = {line.pk: line for line in work.lines_of(mine)}
    packed = [(lines[one.fulfillment_line_id], one.quantity) for one in inside]
    for line, units in packed:
        line.packed += units
        line.save(update_fields=["packed"])
    progress.record_packed(order, work.by_order_line(packed), by=by)
    timeline.record(
        order, "parcel.sealed", by=by, subject=f"{shipment.number}/{parcel.position}", weight_g=parcel.weight_g
    )
    crash_point("packing.sealed")
    if all(line.packed == line.quantity for line in lines.values()):
        _complete(order, mine, shipment, by=by)
    return parcel


@retrying
@transaction.atomic
def reopen(shipment: Shipment, *, reason: str = "unpacked", by: Any) -> FulfillmentOrder:
    """Unpack before hand-over: labels are taken back, the work is picked again and can be packed anew."""
    order, mine, shipment = work.locked_shipment(shipment)
    if shipment.state == ShipmentState.HANDED_OVER:
        raise work.NotNow(f"{shipment} has been handed over.")
    unpacking.unpack(order, mine, reason=reason, by=by)
    return mine


def open_parcel(shipment: Shipment) -> Parcel:
    """The parcel that is being filled, made when there is none."""
    parcel = shipment.parcels.filter(sealed_at=None).order_by("position").first()
    return parcel or Parcel.objects.create(shipment=shipment, position=shipment.parcels.count() + 1)


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


def _open(order: Order, mine: FulfillmentOrder) -> Shipment:
    return Shipment.objects.create(
        number=numbering.next_number("shipment"), order=order, fulfillment_order=mine, location=mine.location
    )


def _draft(shipment: Shipment) -> tuple[Order, Shipment]:
    order, mine, shipment = work.locked_shipment(shipment)
    if shipment.state != ShipmentState.DRAFT:
        raise work.NotNow(f"{shipment} is {shipment.get_state_display().lower()}.")
    shipment.fulfillment_order = mine
    return order, shipment


def _pieces(shipment: Shipment) -> list[Piece]:
    shown = rows(shipment)
    scanning = any(row.scanned for row in shown)
    return [
        Piece(row.line.sku.length_mm, row.line.sku.width_mm, row.line.sku.height_mm, row.line.sku.weight_g, units)
        for row in shown
        if (units := row.scanned if scanning else row.remaining)
    ]


def _weight(shipment: Shipment, weight_g: int | None, box: BoxType | None, anyway: bool) -> int:
    expected = expected_weight_g(shipment, box)
    if weight_g is None:
        if not expected:
            raise Invalid("Enter the weight: nobody has weighed these goods yet.", field="weight_g")
        return expected
    if weight_g <= 0:
        raise Invalid("A parcel weighs more than nothing.", field="weight_g")
    off = abs(weight_g - expected)
    if expected and off > TOLERANCE_G and off > expected * TOLERANCE and not anyway:
        raise WeightOff(
            f"The scale says {weight_g} g, the contents should weigh {expected} g. Check what is inside.",
            expected=expected,
            weighed=weight_g,
        )
    return weight_g


def _close(parcel: Parcel, box: BoxType | None, weight_g: int) -> None:
    parcel.weight_g, parcel.box, parcel.sealed_at = weight_g, box, timezone.now()
    if box:
        parcel.length_mm, parcel.width_mm, parcel.height_mm = box.length_mm, box.width_mm, box.height_mm
    parcel.save()


def _complete(order: Order, mine: FulfillmentOrder, shipment: Shipment, *, by: Any) -> None:
    states.advance(shipment, ShipmentState.SEALED, moves=SHIPMENT_MOVES)
    shipment.sealed_at = timezone.now()
    shipment.save()
    states.advance(mine, FulfillmentOrderState.PACKED, moves=FULFILLMENT_MOVES)
    mine.packed_at = timezone.now()
    mine.save()
    settling.free_tote(mine)
    timeline.record(
        order,
        "fulfillment.packed",
        by=by,
        subject=mine.number,
        shipment=shipment.number,
        parcels=shipment.parcels.count(),
    )
    if mine.method == Method.PICKUP:
        pickup.ready(mine, by=by)


def _why_not(code: str, found: list[FulfillmentOrder], picked: list[FulfillmentOrder]) -> str:
    if not found:
        return f"“{code.strip()}” is no tote and no order with work here."
    if picked:
        return f"{code} means {' and '.join(one.number for one in picked)}: scan the tote of one of them."
    told = ", ".join(f"{one} is {one.get_state_display().lower()}" for one in found)
    return f"Nothing to pack: {told}."
