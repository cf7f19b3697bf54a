"""Units on the floor that should stay: asked for, then put back and cancelled, or gone before anybody could."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fulfillment import allocation, papers, settling, unpacking, work
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, Intercept
from fulfillment.statuses import INTERCEPT_MOVES, InterceptState
from inventory import stock
from inventory.models import Bin
from inventory.statuses import BinKind
from oms.common import states
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.locking import lock, retrying
from orders import progress, signals, timeline
from orders.models import Order


def open_for(fulfillment_order: FulfillmentOrder) -> QuerySet[Intercept]:
    """What has to be put back before anything else happens to the work."""
    return (
        Intercept.objects.filter(fulfillment_line__fulfillment_order=fulfillment_order, state=InterceptState.ASKED)
        .select_related("fulfillment_line__sku", "fulfillment_line__order_line")
        .order_by("pk")
    )


def refuse_open(fulfillment_order: FulfillmentOrder) -> None:
    if first := open_for(fulfillment_order).first():
        raise work.NotNow(
            f"Put {first.quantity} × {first.fulfillment_line.sku.code} of {fulfillment_order} back: {first.reason}.",
            code="intercepted",
        )


def ask(
    order: Order, mine: FulfillmentOrder, line: FulfillmentOrderLine, units: int, *, reason: str, by: Any
) -> Intercept:
    """Stop picked units; packed work is unpacked for it and its label taken back. Call with order and work locked."""
    if unpacking.unpack(order, mine, reason=reason, by=by):
        line.refresh_from_db(fields=["packed"])
    intercept = Intercept.objects.create(
        fulfillment_line=line, quantity=units, reason=reason[:60], asked_by=Actor.of(by).label
    )
    timeline.record(order, "intercept.asked", by=by, subject=mine.number, sku=line.sku.code, units=units, reason=reason)
    return intercept


@retrying
@transaction.atomic
def honour(intercept: Intercept, *, bin: Bin | None = None, by: Any) -> Intercept:
    """The units lie in `bin` again (else the suggested one): sellable, and cancelled on the order."""
    order, mine, line, intercept = _locked(intercept)
    if intercept.state == InterceptState.HONOURED:
        return intercept
    put_back(order, mine, line, intercept.quantity, bin=bin, reason=intercept.reason, by=by)
    _answer(intercept, InterceptState.HONOURED, by=by)
    timeline.record(
        order, "intercept.honoured", by=by, subject=mine.number, sku=line.sku.code, units=intercept.quantity
    )
    papers.announce_cancelled(order, {line.order_line_id: intercept.quantity}, reason=intercept.reason, by=by)
    crash_point("intercept.honoured")
    work.settle_order(order, reason=intercept.reason, by=by)
    signals.tell_changed(order.pk)
    return intercept


@retrying
@transaction.atomic
def too_late(intercept: Intercept, *, by: Any) -> Intercept:
    """Nobody could stop them: the units go on their way and can come back as a return."""
    order, mine, line, intercept = _locked(intercept)
    if intercept.state == InterceptState.TOO_LATE:
        return intercept
    _answer(intercept, InterceptState.TOO_LATE, by=by)
    timeline.record(
        order, "intercept.too_late", by=by, subject=mine.number, sku=line.sku.code, units=intercept.quantity
    )
    return intercept


def all_too_late(order: Order, mine: FulfillmentOrder, *, by: Any) -> None:
    """The work has left the house with units that should have stayed. Call with order and work locked."""
    for intercept in open_for(mine):
        _answer(intercept, InterceptState.TOO_LATE, by=by)
        line = intercept.fulfillment_line
        timeline.record(
            order, "intercept.too_late", by=by, subject=mine.number, sku=line.sku.code, units=intercept.quantity
        )


def answered(intercept: Intercept, *, by: Any) -> None:
    """The units were put back in another way. Call with order and work locked."""
    _answer(intercept, InterceptState.HONOURED, by=by)


def suggest_bin(intercept: Intercept) -> Bin:
    """Where the SKU lies already, else the bin for goods to be put away."""
    line = intercept.fulfillment_line
    return _home(line.fulfillment_order.location_id, line.sku_id)


def put_back(
    order: Order,
    mine: FulfillmentOrder,
    line: FulfillmentOrderLine,
    units: int,
    *,
    bin: Bin | None = None,
    reason: str,
    by: Any,
) -> None:
    """From staging to a shelf, off the work, cancelled on the order. Call with order and work locked."""
    if units > line.picked - line.packed:
        raise work.NotNow(f"{units} of {line.sku.code} to put back, but {line.picked - line.packed} are unpacked.")
    work.lock_stock([line], mine.location_id)
    bin = bin or _home(mine.location_id, line.sku_id)
    if bin.location_id != mine.location_id:
        raise work.NotNow(f"{bin} is not at {mine.location}.")
    stock.put_back(line.sku_id, bin.pk, units, reference=mine.number, by=by)
    line.picked -= units
    line.save(update_fields=["picked"])
    progress.record_picked(order, {line.order_line_id: -units}, by=by)
    settling.put_back(line)
    allocation.release(order, mine, [(line, units)], reason=reason, by=by)
    progress.record_cancelled(order, {line.order_line_id: units}, by=by)


def _home(location_id: int, sku_id: int) -> Bin:
    bins = Bin.objects.filter(location=location_id)
    shelf = bins.filter(kind=BinKind.SHELF, stock__sku=sku_id, stock__quantity__gt=0).order_by("pick_sequence", "pk")
    return shelf.first() or bins.get(kind=BinKind.RECEIVING)


def _answer(intercept: Intercept, state: InterceptState, *, by: Any) -> None:
    states.advance(intercept, state, moves=INTERCEPT_MOVES)
    intercept.answered_by, intercept.answered_at = Actor.of(by).label, timezone.now()
    intercept.save()


def _locked(intercept: Intercept) -> tuple[Order, FulfillmentOrder, FulfillmentOrderLine, Intercept]:
    order, mine = work.locked(intercept.fulfillment_line.fulfillment_order_id)
    line = next(line for line in work.lines_of(mine) if line.pk == intercept.fulfillment_line_id)
    return order, mine, line, lock(Intercept.objects.filter(pk=intercept.pk))[0]
