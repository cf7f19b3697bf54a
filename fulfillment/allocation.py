"""Promises in the database: a plan becomes work at its locations, and units of work give their promise back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from fulfillment import parts, settling, waiting, work, writing
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, SourcingDecision
from fulfillment.routing.consolidation import Consolidation
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Allotment, Plan
from fulfillment.statuses import FulfillmentOrderState
from inventory import stock, wishes
from inventory.models import Location
from inventory.stock import ledger
from oms.common import numbering
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock
from orders import holds, progress, timeline
from orders.models import Order, OrderLine
from orders.statuses import OrderState, Verb

Units = Sequence[tuple[FulfillmentOrderLine, int]]


class Stale(Refused):
    """The order changed since it was planned; plan again."""

    code = "stale"


@dataclass(frozen=True)
class Committed:
    decision: SourcingDecision | None
    fulfillment_orders: list[FulfillmentOrder]
    placed: int
    waiting: int


@transaction.atomic
def commit(
    order_id: int,
    plan: Plan,
    facts: Facts,
    *,
    trigger: str,
    from_backorder: bool = False,
    cause: str = waiting.STOCK_OUT,
    pinned_by: Any = None,
    took_ms: Decimal = Decimal(0),
    meets: Consolidation | None = None,
    by: Any,
) -> Committed:
    """Stock is promised, work opened, the rest queued and the reasons kept, all or nothing.

    Where parts meet at one place first, what is there becomes work and the others are sent there.
    Raises Stale when lines have changed since the plan, and stock.Short when stock has.
    """
    order = lock(Order.objects.filter(pk=order_id))[0]
    lines = {line.pk: line for line in lock(OrderLine.objects.filter(order=order))}
    _refuse_stale(order, lines, plan, from_backorder)
    if not plan.allotments and from_backorder:
        return Committed(None, [], 0, 0)
    decision = decide(order, plan, facts, trigger=trigger, took_ms=took_ms, meets=meets, by=by)
    here = _at(plan, meets.location_id) if meets else plan
    if meets:
        ledger.lock_levels(plan.units())
    opened = place(order, here, decision, pinned_by=pinned_by, count=False, by=by)
    if meets:
        parts.send(order, plan.allotments, meets, facts, decision, by=by)
    crash_point("allocation.promised")
    placed, coming = _by_line(here.allotments), _by_line(a for a in plan.allotments if a not in here.allotments)
    short = {} if from_backorder else {s.line_id: s.quantity for s in plan.shortfalls}
    if from_backorder:
        waiting.take(order, placed, filled=True, by=by)
    progress.record_allocated(order, placed, by=by)
    progress.record_backordered(order, coming, by=by)
    waiting.add(order, short, cause=cause, by=by)
    timeline.record(
        order,
        "order.routed",
        by=by,
        subject=", ".join(one.number for one in opened),
        summary=plan.summary,
        trigger=trigger,
        decision=decision.pk,
        placed=sum(placed.values()),
        waiting=sum(short.values()) + sum(coming.values()),
    )
    return Committed(decision, opened, sum(placed.values()), sum(short.values()) + sum(coming.values()))


def place(
    order: Order, plan: Plan, decision: SourcingDecision, *, pinned_by: Any = None, count: bool = True, by: Any
) -> list[FulfillmentOrder]:
    """Units become work and are promised at their places. Call with the order locked."""
    opened = [_open_work(order, location, plan, decision, pinned_by) for location in plan.locations]
    _promise(order, plan, opened, by=by)
    if count:
        progress.record_allocated(order, _by_line(plan.allotments), by=by)
    return opened


def decide(
    order: Order,
    plan: Plan,
    facts: Facts,
    *,
    trigger: str,
    took_ms: Decimal = Decimal(0),
    meets: Consolidation | None = None,
    by: Any,
) -> SourcingDecision:
    """The reasons are kept."""
    told = writing.explained(plan, facts)
    if meets:
        told["facts"] |= {"meets": meets.location_id}
        told["facts"]["outcome"] |= {"parcels": 1, "cost": str(meets.cost)}
    return SourcingDecision.objects.create(
        order=order,
        trigger=trigger[:40],
        summary=plan.summary[:240],
        **told,
        took_ms=took_ms,
        actor_label=Actor.of(by).label,
    )


def release(order: Order, fulfillment_order: FulfillmentOrder, units: Units, *, reason: str = "", by: Any) -> None:
    """Units that nobody has picked give their promise back and leave the pick tasks. They belong to no place then.

    Call with order and work locked; the caller says in the timeline why. Work with nothing left is cancelled.
    """
    units = [(line, count) for line, count in units if count]
    for line, count in units:
        if count > line.quantity - line.picked:
            left = line.quantity - line.picked
            raise work.NotNow(f"{line.sku.code}: {count} to release, {left} not picked yet. Put the others back first.")
    if fulfillment_order.location_id:
        promised = _by_key(units, fulfillment_order.location_id)
        stock.release(promised, reference=fulfillment_order.number, by=by)
    for line, count in units:
        line.quantity -= count
        line.save(update_fields=["quantity"])
        settling.trim(line)
    progress.record_released(order, work.by_order_line(units), by=by)
    settling.settle(fulfillment_order, reason=reason, by=by)


def _refuse_stale(order: Order, lines: dict[int, OrderLine], plan: Plan, from_backorder: bool) -> None:
    if order.state != OrderState.CONFIRMED or holds.blocks(order, Verb.ALLOCATE):
        raise Stale(f"{order} may not be allocated now.")
    free = waiting.units_of(order) if from_backorder else {pk: line.unallocated for pk, line in lines.items()}
    asked = _by_line(plan.allotments)
    if not from_backorder:
        for shortfall in plan.shortfalls:
            asked[shortfall.line_id] = asked.get(shortfall.line_id, 0) + shortfall.quantity
    if any(units > free.get(line, 0) for line, units in asked.items()):
        raise Stale(f"{order} has changed since it was planned.")


def _at(plan: Plan, location_id: int) -> Plan:
    return replace(plan, allotments=tuple(a for a in plan.allotments if a.location_id == location_id))


def _open_work(
    order: Order, location_id: int, plan: Plan, decision: SourcingDecision, pinned_by: Any
) -> FulfillmentOrder:
    """The order's work at that place: what is open and not yet released there grows, else a new one."""
    mine = FulfillmentOrder.objects.filter(
        order=order, location=location_id, method=plan.method, state=FulfillmentOrderState.OPEN
    )
    found = lock(mine)
    opened = found[0] if found else _new_work(order, location_id, plan.method)
    opened.decision, opened.pinned_by = decision, pinned_by or opened.pinned_by
    opened.save()
    lines = {line.order_line_id: line for line in lock(FulfillmentOrderLine.objects.filter(fulfillment_order=opened))}
    for allotment in plan.allotments:
        if allotment.location_id == location_id:
            line = lines.get(allotment.line_id) or FulfillmentOrderLine(
                fulfillment_order=opened, order_line_id=allotment.line_id, sku_id=allotment.sku_id, quantity=0
            )
            line.quantity += allotment.quantity
            line.save()
            lines[allotment.line_id] = line
    return opened


def _new_work(order: Order, location_id: int, method: str) -> FulfillmentOrder:
    return FulfillmentOrder(
        number=numbering.next_number("fulfillment"),
        order=order,
        location=Location.objects.get(pk=location_id),
        method=method,
        priority=order.priority,
        ship_by=order.promised_ship_by,
    )


def _promise(order: Order, plan: Plan, opened: list[FulfillmentOrder], *, by: Any) -> None:
    """All levels are locked at once, in their order; what was kept for the order goes before what is free."""
    units, holder = plan.units(), wishes.holder_of(order.channel.code, order.external_id)
    kept = wishes.held_for(holder)
    ledger.lock_levels({*units, *kept})
    if kept:
        wishes.use(holder, by=by)
    for one in opened:
        mine = {key: count for key, count in units.items() if key[1] == one.location_id}
        stock.allocate(mine, reference=one.number, by=by)


def _by_line(allotments: Iterable[Allotment]) -> dict[int, int]:
    told: dict[int, int] = {}
    for allotment in allotments:
        told[allotment.line_id] = told.get(allotment.line_id, 0) + allotment.quantity
    return told


def _by_key(units: Units, location_id: int) -> dict[tuple[int, int], int]:
    told: dict[tuple[int, int], int] = {}
    for line, count in units:
        told[line.sku_id, location_id] = told.get((line.sku_id, location_id), 0) + count
    return told
