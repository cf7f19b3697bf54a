"""Work at a supplier's own place: ordered from them for the customer, and done when they name the tracking number.

Their stock is a place of ours like any other, fed by their files; they pick and pack, we keep the books.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from fulfillment import dispatch, packing, settling, sourcing, waves, work
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, Shipment
from fulfillment.statuses import FULFILLMENT_MOVES, FulfillmentOrderState
from inventory import forwarding, stock
from inventory.models import PurchaseOrder, Supplier
from inventory.statuses import PURCHASES_DUE, PurchaseState
from oms.common import cases, states
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.errors import Invalid, Refused
from oms.common.locking import retrying
from oms.common.models import ExceptionCase
from orders import holds, progress, timeline
from orders.models import Order
from orders.statuses import HoldState, Method, OrderState, Verb

State = FulfillmentOrderState
MOST_AT_ONCE = 200
SILENT = "supplier_silent"


def order_waiting(*, by: Any = SYSTEM) -> int:
    """Open work at suppliers' places is ordered from them. How many orders went out."""
    rows = FulfillmentOrder.objects.filter(
        state=State.OPEN,
        method=Method.SHIP,
        location__supplier__active=True,
        order__state=OrderState.CONFIRMED,
        order__hold_state=HoldState.NONE,
    )
    return sum(bool(order(pk, by=by)) for pk in rows.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


@retrying
@transaction.atomic
def order(fulfillment_order: FulfillmentOrder | int, *, by: Any) -> PurchaseOrder | None:
    """A purchase to the customer's address, and the work is the supplier's from now on. None when it must wait."""
    buyer, mine = work.locked(fulfillment_order)
    supplier = Supplier.objects.filter(location=mine.location_id).first()
    if mine.state != State.OPEN or supplier is None or holds.blocks(buyer, Verb.RELEASE):
        return None
    lines = {line.sku: line.quantity for line in work.lines_of(mine) if line.quantity}
    purchase = forwarding.order(
        supplier,
        lines,
        ships_to=buyer.shipping_address,
        reference=mine.number,
        expected_at=mine.ship_by or timezone.now() + timedelta(days=supplier.lead_days),
        by=by,
    )
    follow(mine, by=by)
    states.advance(mine, State.RELEASED, moves=FULFILLMENT_MOVES)
    mine.released_at = timezone.now()
    mine.save()
    crash_point("dropshipping.ordered")
    timeline.record(buyer, "dropship.ordered", by=by, subject=purchase.number, supplier=supplier.name, work=mine.number)
    return purchase


@retrying
@transaction.atomic
def accept(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    buyer, _ = _locked(purchase)
    if purchase.accepted_at is None:
        purchase = forwarding.accept(purchase, by=by)
        timeline.record(buyer, "dropship.accepted", by=by, subject=purchase.number, supplier=purchase.supplier.name)
        _answered(purchase, by=by)
    return purchase


@retrying
@transaction.atomic
def reject(purchase: PurchaseOrder, *, reason: str, by: Any) -> PurchaseOrder:
    """The supplier can't: everything is looked for elsewhere, and not at this supplier again."""
    _, mine = _locked(purchase)
    purchase = forwarding.refuse(purchase, by=by)
    sourcing.reject(mine, reason=reason, by=by)
    _answered(purchase, by=by)
    return purchase


@retrying
@transaction.atomic
def withdraw(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """They don't answer: we call it off, tell them, and look elsewhere."""
    _, mine = _locked(purchase)
    purchase = forwarding.call_off(purchase, by=by)
    sourcing.reject(mine, reason=f"no answer from {purchase.supplier}"[:40], by=by)
    _answered(purchase, by=by)
    return purchase


@retrying
@transaction.atomic
def ship(purchase: PurchaseOrder, tracking_number: str, *, by: Any) -> Shipment:
    """The supplier sent all of it: stock drops at their place, the customer and the channel are told."""
    number = tracking_number.strip()
    if not number or len(number) > 60:
        raise Invalid("Write the tracking number that the supplier named.", field="tracking_number")
    buyer, mine = _locked(purchase)
    if mine.state != State.RELEASED:
        raise work.NotNow(f"{mine} is {mine.get_state_display().lower()}: it can't be sent.")
    follow(mine, by=by)
    purchase = forwarding.sent(purchase, by=by)
    _answered(purchase, by=by)
    _pick(buyer, mine, by=by)
    timeline.record(buyer, "dropship.sent", by=by, subject=purchase.number, supplier=purchase.supplier.name)
    shipment = _pack(mine, by=by)
    shipment.parcels.update(tracking_number=number)
    return dispatch.hand_over(shipment, without_label=f"sent by {purchase.supplier}", by=by)


def look_for_silent(*, now: datetime | None = None, by: Any = SYSTEM) -> int:
    """Purchases that a supplier has not answered in their days open a case each; how many. What is over closes its."""
    now = now or timezone.now()
    rows = PurchaseOrder.objects.filter(ships_to__isnull=False, accepted_at=None)
    late = rows.filter(
        state__in=PURCHASES_DUE, ordered_at__lte=now - F("supplier__answer_days") * timedelta(days=1)
    ).select_related("supplier")
    for purchase in late.order_by("pk")[:MOST_AT_ONCE]:
        _silent(purchase, by=by)
    for purchase in rows.filter(state=PurchaseState.CANCELLED, number__in=_asked_about()):
        _answered(purchase, by=by)
    return len(late[:MOST_AT_ONCE])


def reason_of(text: str) -> str:
    """Why a supplier can't, as it was typed."""
    if not 0 < len(text.strip()) <= 40:
        raise Invalid("Say in a few words why they can't.", field="reason")
    return text.strip()


def follow_all(*, by: Any = SYSTEM) -> int:
    """Purchases whose work was cancelled, moved or made smaller are told to their suppliers. How many changed."""
    rows = PurchaseOrder.objects.filter(state__in=PURCHASES_DUE, ships_to__isnull=False).values_list("reference")
    works = FulfillmentOrder.objects.filter(number__in=rows).order_by("pk")
    return sum(follow_one(mine, by=by) for mine in works[: 10 * MOST_AT_ONCE])


@retrying
@transaction.atomic
def follow_one(fulfillment_order: FulfillmentOrder, *, by: Any) -> bool:
    _, mine = work.locked(fulfillment_order)
    return follow(mine, by=by)


def follow(mine: FulfillmentOrder, *, by: Any) -> bool:
    """The purchase wants what the work wants. Call with order and work locked."""
    purchase = forwarding.due(mine.number)
    if purchase is None:
        return False
    wanted = _units(work.lines_of(mine)) if mine.is_live else {}
    if dict(purchase.lines.values_list("sku", "ordered")) == wanted:
        return False
    forwarding.change(purchase, wanted, by=by)
    return True


def _silent(purchase: PurchaseOrder, *, by: Any) -> None:
    cases.open_case(
        SILENT,
        f"purchase:{purchase.number}",
        title=f"{purchase.supplier} has not answered {purchase}",
        detail=f"Ordered {purchase.ordered_at:%-d %b %Y} for {purchase.reference}. Call them, or source it elsewhere.",
        key=f"{SILENT}:{purchase.number}",
        action_label="Open the purchase",
        action_url=purchase.get_absolute_url(),
        sla_minutes=240,
        by=by,
    )


def _answered(purchase: PurchaseOrder, *, by: Any) -> None:
    cases.resolve_case(f"{SILENT}:{purchase.number}", by=by, resolution=f"{purchase}: answered or over")


def _asked_about() -> list[str]:
    keys = ExceptionCase.objects.unresolved().filter(kind=SILENT).values_list("key", flat=True)
    return [key.partition(":")[2] for key in keys]


def _units(lines: list[FulfillmentOrderLine]) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in lines:
        if line.quantity:
            found[line.sku_id] = found.get(line.sku_id, 0) + line.quantity
    return found


def _locked(purchase: PurchaseOrder) -> tuple[Order, FulfillmentOrder]:
    mine = FulfillmentOrder.objects.filter(number=purchase.reference).first()
    if mine is None:
        raise Refused(f"{purchase} comes to our own place: receive it there.")
    return work.locked(mine)


def _pick(buyer: Order, mine: FulfillmentOrder, *, by: Any) -> None:
    """In the books of the supplier's place, from whatever bins their stock is kept in."""
    lines = work.lines_of(mine)
    work.lock_stock(lines, mine.location_id)
    books = waves.books_of(mine.location, {line.sku_id for line in lines})
    picked = {}
    for line in lines:
        wanted = line.quantity - line.picked
        chosen = books.take(line.sku_id, wanted)
        if sum(give.units for give in chosen) < wanted:
            raise work.NotNow(
                f"The books of {mine.location} hold too little of {line.sku.code}. Correct its stock first."
            )
        for give in chosen:
            stock.pick(line.sku_id, give.bin_id, give.units, lot=give.lot_id, reference=mine.number, by=by)
        line.picked += wanted
        line.save(update_fields=["picked"])
        picked[line.order_line_id] = wanted
    progress.record_picked(buyer, picked, by=by)
    settling.settle(mine, by=by)


def _pack(mine: FulfillmentOrder, *, by: Any) -> Shipment:
    """All in one parcel, as the supplier's single tracking number says."""
    shipment = packing.start(mine.number, by=by)
    for row in packing.rows(shipment):
        packing.scan(shipment, row.line.sku.code, quantity=row.remaining, by=by)
    packing.seal(shipment, by=by)
    shipment.refresh_from_db()
    return shipment
