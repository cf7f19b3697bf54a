"""Cancel an order whole or in part, several times, at any point before hand-over: in order of how easily it is undone.

Units without a place, waiting or promised are cancelled at once. Picked units must be put back by somebody: an
intercept is asked, what is packed is unpacked for it and loses its label, and the units count as cancelled when they
lie on the shelf again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Sum

from fulfillment import allocation, interception, papers, waiting, work
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, Intercept
from fulfillment.statuses import FulfillmentOrderState, InterceptState
from inventory.stock import ledger
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import progress, signals, timeline
from orders.models import Order, OrderLine
from orders.statuses import OPEN_STATES, OrderState

UNPLACED, WAITING, PROMISED, ON_LIST, PICKED, PACKED = "unplaced", "waiting", "promised", "on_list", "picked", "packed"
STAGES = (UNPLACED, WAITING, PROMISED, ON_LIST, PICKED, PACKED)
TOLD = {
    UNPLACED: "cancelled at once",
    WAITING: "leaves the queue at once",
    PROMISED: "released at once",
    ON_LIST: "taken off the pick list at once",
    PICKED: "someone puts it back",
    PACKED: "unpacked, its label taken back, and someone puts it back",
}


class CannotCancel(Refused):
    """More than is still here."""

    code = "cannot_cancel"


@dataclass(frozen=True)
class Step:
    """`units` of a line at one stage. `work_line` for units that have a place."""

    line: OrderLine
    stage: str
    units: int
    work_line: FulfillmentOrderLine | None = None

    @property
    def at_once(self) -> bool:
        return self.stage not in (PICKED, PACKED)

    @property
    def told(self) -> str:
        return TOLD[self.stage]


@dataclass
class Cancelled:
    """`units` were cancelled now, `intercepts` wait for the floor."""

    order: Order
    units: dict[int, int] = field(default_factory=dict)
    intercepts: list[Intercept] = field(default_factory=list)


def preview(order: Order, *, quantities: Mapping[int, int] | None = None) -> list[Step]:
    """What cancelling would do, step by step. Raises CannotCancel as `cancel` would."""
    return _plan(order, list(order.lines.order_by("position")), _work_lines(order), quantities)


@retrying
@transaction.atomic
def cancel(order: Order, *, quantities: Mapping[int, int] | None = None, reason: str, by: Any) -> Cancelled:
    """All open units, or `quantities` by line id. Units at a stage that is undone most easily go first.

    An order with nothing left is cancelled (promo uses given back, customer told). Handed-over units are refused: they
    come back as a return. Cancelling a cancelled order whole is quiet.
    """
    order = lock(Order.objects.filter(pk=order.pk))[0]
    if order.state == OrderState.CANCELLED and quantities is None:
        return Cancelled(order)
    lines = lock(OrderLine.objects.filter(order=order))
    works = {mine.pk: mine for mine in lock(FulfillmentOrder.objects.filter(order=order).select_related("location"))}
    work_lines = lock(_work_lines(order))
    for one in work_lines:
        one.fulfillment_order = works[one.fulfillment_order_id]
    done = Cancelled(order)
    steps = _plan(order, lines, work_lines, quantities)
    _off_the_queue(order, steps, done, by=by)
    _off_the_floor(order, steps, done, reason=reason, by=by)
    crash_point("cancellation.released")
    _ask_for(order, steps, done, reason=reason, by=by)
    timeline.record(
        order,
        "order.units_cancelled",
        by=by,
        customer_visible=True,
        reason=reason,
        units=sum(done.units.values()),
        asked_back=sum(intercept.quantity for intercept in done.intercepts),
        lines=[{"sku": step.line.sku_code, "units": step.units, "stage": step.stage} for step in steps],
    )
    papers.announce_cancelled(order, done.units, reason=reason, by=by)
    work.settle_order(order, reason=reason, by=by)
    signals.tell_changed(order.pk)
    return done


def cancellable(order: Order) -> dict[int, int]:
    """line id → units that may still be cancelled, those already asked back left out."""
    asked = _asked(order)
    return {line.pk: line.open - asked.get(line.pk, 0) for line in order.lines.all()}


def _plan(
    order: Order,
    lines: list[OrderLine],
    work_lines: list[FulfillmentOrderLine],
    quantities: Mapping[int, int] | None,
) -> list[Step]:
    _refuse_closed(order)
    can = cancellable(order)
    wanted = {line.pk: can[line.pk] for line in lines} if quantities is None else dict(quantities)
    _refuse_too_much(order, lines, wanted, can)
    asked = _asked_by_work_line(order)
    steps: list[Step] = []
    for line in lines:
        left = wanted.get(line.pk, 0)
        for step in _stages(line, [one for one in work_lines if one.order_line_id == line.pk], asked):
            taken = min(left, step.units)
            if taken:
                left -= taken
                steps.append(Step(line, step.stage, taken, step.work_line))
    return sorted(steps, key=lambda step: STAGES.index(step.stage))


def _stages(line: OrderLine, work_lines: list[FulfillmentOrderLine], asked: Mapping[int, int]) -> list[Step]:
    """All open units of a line, the most easily undone first."""
    steps = [Step(line, UNPLACED, line.unallocated), Step(line, WAITING, line.backordered)]
    for one in work_lines:
        stage = PROMISED if one.fulfillment_order.state == FulfillmentOrderState.OPEN else ON_LIST
        packed = one.packed - one.shipped
        unpacked = one.picked - one.packed
        wanted_back = asked.get(one.pk, 0)
        steps.append(Step(line, stage, one.quantity - one.picked, one))
        steps.append(Step(line, PICKED, max(unpacked - wanted_back, 0), one))
        steps.append(Step(line, PACKED, packed - max(wanted_back - unpacked, 0), one))
    return sorted(steps, key=lambda step: STAGES.index(step.stage))


def _refuse_closed(order: Order) -> None:
    if order.state not in OPEN_STATES:
        raise CannotCancel(f"{order} is {order.get_state_display().lower()}: there is nothing to cancel.")


def _refuse_too_much(order: Order, lines: list[OrderLine], wanted: Mapping[int, int], can: Mapping[int, int]) -> None:
    known = {line.pk: line for line in lines}
    for pk, units in wanted.items():
        if pk not in known or units < 0:
            raise CannotCancel("That line belongs to another order.")
        if units > can[pk]:
            line = known[pk]
            gone = f" {line.shipped} were handed over already: open a return for them." if line.shipped else ""
            raise CannotCancel(f"{line.sku_code}: {units} to cancel, {can[pk]} are still here.{gone}")
    if not any(wanted.values()):
        if any(line.shipped for line in lines):
            raise CannotCancel(f"{order} has been handed over: open a return instead.")
        raise CannotCancel("Nothing is left to cancel.")


def _off_the_queue(order: Order, steps: list[Step], done: Cancelled, *, by: Any) -> None:
    waits: dict[int, int] = {}
    for step in steps:
        if step.stage in (UNPLACED, WAITING):
            done.units[step.line.pk] = done.units.get(step.line.pk, 0) + step.units
        if step.stage == WAITING:
            waits[step.line.pk] = step.units
    waiting.take(order, waits, filled=False, by=by)
    if done.units:
        progress.record_cancelled(order, dict(done.units), by=by)


def _off_the_floor(order: Order, steps: list[Step], done: Cancelled, *, reason: str, by: Any) -> None:
    """Promised units, work by work; the levels of all places are locked together first."""
    mine = [step for step in steps if step.stage in (PROMISED, ON_LIST)]
    places = {(step.work_line.sku_id, step.work_line.fulfillment_order.location_id) for step in mine}
    ledger.lock_levels({(sku, location) for sku, location in places if location})
    for pk in sorted({step.work_line.fulfillment_order_id for step in mine}):
        units = [(step.work_line, step.units) for step in mine if step.work_line.fulfillment_order_id == pk]
        allocation.release(order, units[0][0].fulfillment_order, units, reason=f"cancelled: {reason}", by=by)
        cancelled = work.by_order_line(units)
        progress.record_cancelled(order, cancelled, by=by)
        for line, count in cancelled.items():
            done.units[line] = done.units.get(line, 0) + count


def _ask_for(order: Order, steps: list[Step], done: Cancelled, *, reason: str, by: Any) -> None:
    """One question a work line, whatever was packed of it."""
    wanted: dict[int, tuple[FulfillmentOrderLine, int]] = {}
    for step in steps:
        if not step.at_once:
            line, units = wanted.get(step.work_line.pk, (step.work_line, 0))
            wanted[line.pk] = (line, units + step.units)
    for pk in sorted(wanted):
        line, units = wanted[pk]
        done.intercepts.append(interception.ask(order, line.fulfillment_order, line, units, reason=reason, by=by))


def _work_lines(order: Order) -> Any:
    return (
        FulfillmentOrderLine.objects.filter(fulfillment_order__order=order)
        .select_related("fulfillment_order", "sku")
        .order_by("pk")
    )


def _asked_by_work_line(order: Order) -> dict[int, int]:
    rows = Intercept.objects.filter(fulfillment_line__fulfillment_order__order=order, state=InterceptState.ASKED)
    return dict(rows.values_list("fulfillment_line").annotate(units=Sum("quantity")))


def _asked(order: Order) -> dict[int, int]:
    rows = Intercept.objects.filter(fulfillment_line__fulfillment_order__order=order, state=InterceptState.ASKED)
    return dict(rows.values_list("fulfillment_line__order_line").annotate(units=Sum("quantity")))
