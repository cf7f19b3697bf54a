"""Where an order is served from: routed by rule, moved by hand, rejected by a location, found elsewhere."""

from typing import Any

from django.db import transaction

from fulfillment import allocation, backorders, demand, digital, planning, signals, work
from fulfillment.allocation import Committed
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine
from fulfillment.routing import engine
from fulfillment.routing.facts import Want
from fulfillment.statuses import FulfillmentOrderState
from inventory import stock
from inventory.models import Location
from oms.common import cases
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.locking import retrying
from orders import holds, timeline
from orders.models import Order
from orders.statuses import Method, Verb

MOVABLE = (FulfillmentOrderState.OPEN, FulfillmentOrderState.RELEASED)
BY_HAND = "moved by hand"


class CannotMove(Refused):
    """The work can't be moved there."""

    code = "cannot_move"


def route(order_id: int, *, trigger: str = "confirmed", by: Any = SYSTEM) -> Committed:
    """Every unit without a place gets one, or joins the queue; digital lines are delivered. Safe to run twice.

    Older orders that wait for the same SKUs are served first. Raises nothing when the order may not be allocated now.
    """
    order = planning.fresh(order_id)
    backorders.fill_each({want.sku_id for want in demand.unplaced(order)}, before=order, by=SYSTEM)
    committed = planning.source(order_id, demand.unplaced, trigger=trigger, by=by)
    digital.deliver(order_id, by=by)
    if committed.placed or committed.waiting:
        cases.resolve_case(f"routing:{order_id}", by=by, resolution="Routed")
    return committed


@retrying
def reroute(fulfillment_order: FulfillmentOrder, to_location: Location | None = None, *, by: Any) -> Committed:
    """Move work that nobody has begun to `to_location`, or the best other place. All of it, or CannotMove says why."""
    order = planning.fresh(fulfillment_order.order_id)
    holds.require(order, Verb.ALLOCATE)
    excluded = {fulfillment_order.location_id: "is where it is moved away from"}
    wants = tuple(
        Want(line.order_line_id, line.sku_id, line.quantity, line.sku.code)
        for line in fulfillment_order.lines.select_related("sku")
        if line.quantity
    )
    if to_location is not None and to_location.pk == fulfillment_order.location_id:
        raise CannotMove(f"It is at {to_location} already.")
    plan, facts, took_ms = planning.think(order, wants, only=to_location, excluded=excluded)
    if plan.shortfalls or not plan.allotments:
        seen = engine.plan(facts).candidates
        why = next((c.because for c in seen if to_location and c.location_id == to_location.pk), "")
        place = str(to_location or "No other location")
        raise CannotMove(f"{place} {why}." if why else f"{place} can send all of it.")
    with transaction.atomic():
        take_back(fulfillment_order, reason=BY_HAND, by=by)
        try:
            return allocation.commit(
                order.pk, plan, facts, trigger=BY_HAND, pinned_by=_person(by), took_ms=took_ms, by=by
            )
        except (stock.Short, allocation.Stale) as e:
            raise CannotMove(f"Stock moved away in this moment; look again. {e}") from e


@retrying
@transaction.atomic
def reject(fulfillment_order: FulfillmentOrder, *, reason: str, by: Any) -> FulfillmentOrder:
    """The location can't do it: nothing is picked yet, everything is found a place elsewhere, and not here again."""
    if FulfillmentOrder.objects.get(pk=fulfillment_order.pk).state == FulfillmentOrderState.CANCELLED:
        return fulfillment_order
    order, mine = take_back(fulfillment_order, reason=f"{demand.REJECTED} it: {reason}", by=by)
    location = mine.location
    timeline.record(order, "fulfillment.rejected", by=by, subject=mine.number, location=location.name, reason=reason)
    signals.want_sourcing(order.pk, f"rejected by {location.code}")
    if mine.method == Method.PICKUP:
        _tell_about_pickup(order, location, reason, by=by)
    return mine


def give_up(line: FulfillmentOrderLine, units: int, *, reason: str, by: Any) -> None:
    """A short pick: units leave this work and are looked for elsewhere, not here until the SKU was counted here.

    Call with order and work locked, before the stock record is corrected, in the same transaction.
    """
    mine = line.fulfillment_order
    order = mine.order
    allocation.release(order, mine, [(line, units)], reason=reason, by=by)
    timeline.record(
        order, "fulfillment.short", by=by, subject=mine.number, sku=line.sku.code, units=units, reason=reason
    )
    signals.want_sourcing(order.pk, "short pick")


def take_back(fulfillment_order: FulfillmentOrder, *, reason: str, by: Any) -> tuple[Order, FulfillmentOrder]:
    """All units of work that nobody has begun have no place any more; the work is cancelled. Call in a transaction."""
    order, mine = work.locked(fulfillment_order)
    lines = work.lines_of(mine)
    if mine.state not in MOVABLE or any(line.picked for line in lines):
        raise CannotMove(f"{mine} is {mine.get_state_display().lower()}: only work that nobody has begun can be moved.")
    work.lock_stock(lines, mine.location_id)
    allocation.release(order, mine, [(line, line.quantity) for line in lines], reason=reason, by=by)
    return order, mine


def _tell_about_pickup(order: Order, location: Location, reason: str, *, by: Any) -> None:
    """No other place may serve what a customer collects: only a person can agree on something else."""
    cases.open_case(
        "pickup_rejected",
        f"order:{order.number}",
        title=f"{location} can't hand out {order}",
        detail=f"{reason}. Agree with the customer on another store or on shipping, then change the order's method.",
        key=f"pickup_rejected:{order.pk}",
        action_label="Open the order",
        action_url=f"/orders/{order.number}/",
        severity="high",
        sla_minutes=240,
        by=by,
    )


def _person(by: Any) -> Any:
    return by if getattr(by, "pk", None) else None
