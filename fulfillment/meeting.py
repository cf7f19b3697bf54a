"""Parts of an order meet at one place and leave it in one parcel: whether they should, and what their arrival means."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from fulfillment import allocation, signals
from fulfillment.models import Part
from fulfillment.routing import consolidation, engine
from fulfillment.routing.consolidation import Consolidation, Leg
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Allotment, Alternative, Plan
from fulfillment.statuses import PART_MOVES, PartState
from inventory import following
from inventory.models import Transfer
from oms.common import cases, states
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.locking import lock
from orders import holds, progress, timeline
from orders.models import Order
from orders.statuses import Method, OrderState, Verb


def found(facts: Facts, plan: Plan) -> Consolidation | None:
    """The best place to meet, where rules allow it and it is cheaper and in time."""
    ways = facts.policy.ways
    if not ways or plan.parcels < 2:
        return None
    return consolidation.consider(facts, plan, [Leg(*ends, cost, days) for ends, (cost, days) in ways.items()])


def explained(plan: Plan, meets: Consolidation, facts: Facts) -> Plan:
    """The plan as it is told: parts meet, and sending them apart is what else could have been done."""
    names = {place.location_id: str(place) for place in facts.places}
    apart = Alternative(
        location_ids=tuple(plan.locations),
        places=", ".join(names[pk] for pk in plan.locations),
        cost=plan.cost,
        keeps_promise=None,
        because=f"{plan.parcels} parcels without meeting first, {meets.saved} {facts.currency} dearer",
    )
    told = engine.plan(facts)
    return replace(
        plan,
        cost=meets.cost,
        summary=meets.summary,
        candidates=told.candidates,
        alternatives=(apart, *told.alternatives),
    )


def lock_orders(transfer_id: int) -> list[Order]:
    """Whose parts ride on it; before the transfer and stock are locked."""
    riding = Part.objects.filter(transfer=transfer_id, state=PartState.COMING)
    return lock(Order.objects.filter(pk__in=riding.values("order_line__order")))


def ended(transfer: Transfer, units: Mapping[int, int], by: Any) -> None:
    """What came is promised to its order at once, before anybody else sees it; what did not is looked for elsewhere."""
    rows = Part.objects.filter(transfer=transfer, state=PartState.COMING).select_related(
        "order_line__order", "decision"
    )
    coming = lock(rows)
    left = dict(units)
    for order in lock(Order.objects.filter(pk__in={part.order_line.order_id for part in coming})):
        mine = [part for part in coming if part.order_line.order_id == order.pk]
        came = _came(mine, left) if _still_meets(order, transfer) else {}
        _arrive(order, transfer, mine, came, by=by)


def _still_meets(order: Order, transfer: Transfer) -> bool:
    """It is to be shipped as it was, from a place that still ships, and may be allocated."""
    return (
        transfer.destination.active
        and transfer.destination.ships
        and order.state == OrderState.CONFIRMED
        and order.method == Method.SHIP
        and not holds.blocks(order, Verb.ALLOCATE)
    )


def _came(mine: Iterable[Part], left: dict[int, int]) -> dict[int, int]:
    """part → units, the first line first."""
    came = {}
    for part in sorted(mine, key=lambda part: part.order_line.position):
        came[part.pk] = taken = min(part.quantity, left.get(part.sku_id, 0))
        left[part.sku_id] = left.get(part.sku_id, 0) - taken
    return came


def _arrive(order: Order, transfer: Transfer, mine: list[Part], came: Mapping[int, int], *, by: Any) -> None:
    allotments = [
        Allotment(transfer.destination_id, part.order_line_id, part.sku_id, came[part.pk])
        for part in mine
        if came.get(part.pk)
    ]
    coming = {part.order_line_id: part.quantity for part in mine}
    progress.record_backordered(order, {line: -units for line, units in coming.items()}, by=by)
    for part in mine:
        part.arrived = came.get(part.pk, 0)
        states.advance(part, PartState.ARRIVED if part.arrived else PartState.GIVEN_UP, moves=PART_MOVES)
        part.save()
    if allotments:
        plan = Plan(Method.SHIP, tuple(allotments), ())
        [work] = allocation.place(order, plan, mine[0].decision, by=by)
        told = {"transfer": transfer.number, "units": sum(came.values()), "location": transfer.destination.name}
        timeline.record(order, "fulfillment.part_arrived", by=by, subject=work.number, **told)
    crash_point("meeting.arrived")
    if missing := sum(coming.values()) - sum(came.values()):
        told = {"transfer": transfer.number, "units": missing, "origin": transfer.origin.name}
        timeline.record(order, "fulfillment.part_missing", by=by, subject=transfer.number, **told)
        signals.want_sourcing(order.pk, "part did not arrive")


def look_for_late(*, by: Any = SYSTEM) -> int:
    """Parts that should have been there by now hold up their order: a case for each transfer. How many there are."""
    coming = Part.objects.filter(state=PartState.COMING, transfer__expected_at__lt=timezone.now())
    late = Transfer.objects.filter(pk__in=coming.values("transfer")).select_related("origin", "destination")
    for transfer in late.order_by("pk"):
        numbers = Order.objects.filter(lines__parts__transfer=transfer).distinct().values_list("number", flat=True)
        left = "has not left" if transfer.shipped_at is None else "has not arrived"
        cases.open_case(
            "parts_late",
            f"transfer:{transfer.number}",
            title=f"Parts of order {', '.join(numbers)} are late",
            detail=f"{transfer} from {transfer.origin} to {transfer.destination} {left}. "
            "Send or receive it; while it has not left it can be cancelled, and the order is served another way.",
            key=f"parts_late:{transfer.pk}",
            action_label="Open the transfer",
            action_url=transfer.get_absolute_url(),
            by=by,
        )
    return len(late)


following.told_by(following.Follower(lock_orders, ended))
