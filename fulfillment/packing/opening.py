"""A shipment begins at the station: found by any code on the work, one open at a time."""

from typing import Any

from django.db import transaction

from fulfillment import codes, interception, work
from fulfillment.models import FulfillmentOrder, Shipment
from fulfillment.statuses import FulfillmentOrderState, ShipmentState
from inventory.models import Location
from oms.common import numbering
from oms.common.locking import lock, retrying
from orders import holds
from orders.models import Order
from orders.statuses import Verb


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


def draft(shipment: Shipment) -> tuple[Order, Shipment]:
    order, mine, shipment = work.locked_shipment(shipment)
    if shipment.state != ShipmentState.DRAFT:
        raise work.NotNow(f"{shipment} is {shipment.get_state_display().lower()}.")
    shipment.fulfillment_order = mine
    return order, shipment


def _open(order: Order, mine: FulfillmentOrder) -> Shipment:
    return Shipment.objects.create(
        number=numbering.next_number("shipment"), order=order, fulfillment_order=mine, location=mine.location
    )


def _why_not(code: str, found: list[FulfillmentOrder], picked: list[FulfillmentOrder]) -> str:
    if not found:
        return f"“{code.strip()}” is no tote and no order with work here."
    if picked:
        return f"{code} means {' and '.join(one.number for one in picked)}: scan the tote of one of them."
    told = ", ".join(f"{one} is {one.get_state_display().lower()}" for one in found)
    return f"Nothing to pack: {told}."
