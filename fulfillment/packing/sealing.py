"""A parcel is closed with its weight; with the last unit in it the shipment is ready. Or all of it is unpacked."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from fulfillment import interception, pickup, settling, unpacking, work
from fulfillment.models import BoxType, FulfillmentOrder, Parcel, Shipment
from fulfillment.packing.contents import expected_weight_g, open_parcel
from fulfillment.packing.filling import WrongScan
from fulfillment.packing.opening import draft
from fulfillment.statuses import FULFILLMENT_MOVES, SHIPMENT_MOVES, FulfillmentOrderState, ShipmentState
from oms.common import states
from oms.common.crash import crash_point
from oms.common.errors import Invalid, Refused
from oms.common.locking import retrying
from orders import holds, progress, timeline
from orders.models import Order
from orders.statuses import Method, Verb

TOLERANCE_G, TOLERANCE = 80, 0.15  # a weight further off than both asks for a second look


class WeightOff(Refused):
    """The scale says something else than the contents. `facts`: expected, weighed."""

    code = "weight_off"
    status = 422


@retrying
@transaction.atomic
def seal(
    shipment: Shipment, weight_g: int | None = None, *, box: BoxType | None = None, anyway: bool = False, by: Any
) -> Parcel:
    """Close the open parcel. With the last picked unit in it, the shipment is ready for its label (or the counter).

    `weight_g` is expected when empty; far off it raises WeightOff unless `anyway`. More units left: scan on, the next
    scan opens the next parcel.
    """
    order, shipment = draft(shipment)
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
