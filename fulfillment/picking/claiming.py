"""Who walks which list: the next one for me, mine again, or given back."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from fulfillment import settling, work
from fulfillment.models import FulfillmentOrder, PickList, PickTask
from fulfillment.statuses import (
    FULFILLMENT_MOVES,
    PICK_LIST_MOVES,
    FulfillmentOrderState,
    PickListState,
    PickTaskState,
)
from inventory.models import Location
from oms.common import states
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import timeline
from orders.statuses import HoldState

LEASE = timedelta(minutes=15)


class LeaseLost(Refused):
    """Somebody else is picking this list now."""

    code = "lease_lost"


@retrying
@transaction.atomic
def claim(user: Any, location: Location, *, pick_list: PickList | None = None) -> PickList | None:
    """The list the user has, else the most urgent free one (or `pick_list`); None when there is no work.

    Lists of held orders are passed by. A list whose picker was silent for 15 minutes is free again.
    """
    mine = _mine(user, location)
    taken = mine if mine and pick_list in (None, mine) else _free(location, pick_list)
    if taken is None:
        return None
    if taken.state == PickListState.OPEN:
        states.advance(taken, PickListState.CLAIMED, moves=PICK_LIST_MOVES)
    taken.picker = user
    taken.started_at = taken.started_at or Now()
    taken.claimed_until = Now() + LEASE
    taken.save()
    taken.refresh_from_db()
    return taken


@retrying
@transaction.atomic
def unclaim(pick_list: PickList, *, by: Any) -> PickList:
    """Give the list back as it is; the next picker goes on where this one stopped."""
    pick_list = lock(PickList.objects.filter(pk=pick_list.pk))[0]
    if pick_list.state == PickListState.CLAIMED:
        if pick_list.picker_id not in (None, getattr(by, "pk", None)) and not by.can("fulfillment.release"):
            raise LeaseLost(f"{pick_list} is being picked by {pick_list.picker}.")
        states.advance(pick_list, PickListState.OPEN, moves=PICK_LIST_MOVES)
        pick_list.picker, pick_list.claimed_until = None, None
        pick_list.save()
    return pick_list


def free(location: Location) -> QuerySet[PickList]:
    """What may be claimed, the most urgent first: open lists and those whose claim ran out, none of a held order."""
    rows = PickList.objects.filter(location=location).filter(
        Q(state=PickListState.OPEN) | Q(state=PickListState.CLAIMED, claimed_until__lt=Now())
    )
    held = PickTask.objects.filter(fulfillment_line__fulfillment_order__order__hold_state=HoldState.HELD)
    rows = rows.exclude(pk__in=held.values("pick_list"))
    return rows.order_by("-priority", F("ship_by").asc(nulls_last=True), "pk")


def next_task(pick_list: PickList) -> PickTask | None:
    """Where to go now."""
    tasks = pick_list.tasks.filter(state=PickTaskState.PENDING).select_related("bin", "sku", "lot", "tote")
    tasks = tasks.select_related("fulfillment_line__fulfillment_order__tote", "fulfillment_line__order_line__order")
    return tasks.order_by("sequence", "pk").first()


def step(task: PickTask | None) -> str:
    """What to scan next: "bin", "item", "tote", or "done" when there is no task."""
    if task is None:
        return "done"
    if not task.remaining:
        return "tote"
    return "item" if task.bin_confirmed else "bin"


def begin(mine: FulfillmentOrder, order: Any, *, by: Any) -> None:
    """The first pick of the work."""
    if mine.state == FulfillmentOrderState.RELEASED:
        states.advance(mine, FulfillmentOrderState.IN_PROGRESS, moves=FULFILLMENT_MOVES)
        mine.save()
        timeline.record(order, "fulfillment.started", by=by, subject=mine.number)


def locked_task(task: PickTask | int, *, by: Any) -> tuple[Any, FulfillmentOrder, PickTask]:
    """Order, work and task under lock, the lease renewed. Raises LeaseLost, or NotNow for a task that is over."""
    pk = getattr(task, "pk", task)
    mine_pk = FulfillmentOrder.objects.get(lines__pick_tasks=pk).pk
    order, mine = work.locked(mine_pk)
    task = lock(PickTask.objects.filter(pk=pk).select_related("bin", "sku", "lot", "pick_list"))[0]
    task.fulfillment_line = lock(mine.lines.filter(pk=task.fulfillment_line_id).select_related("sku", "order_line"))[0]
    task.fulfillment_line.fulfillment_order = mine
    mine.order = order
    renew(task.pick_list, by=by)
    if task.state != PickTaskState.PENDING:
        raise work.NotNow("This stop is done or was taken off the list. Go on to the next one.")
    return order, mine, task


def renew(pick_list: PickList, *, by: Any) -> None:
    user = getattr(by, "pk", None)
    renewed = PickList.objects.filter(pk=pick_list.pk, state=PickListState.CLAIMED, picker=user)
    if not renewed.update(claimed_until=Now() + LEASE):
        raise LeaseLost


def close(mine: FulfillmentOrder, order: Any, *, by: Any) -> None:
    """After a stop is over: the work may be picked by that, and the list done."""
    before = mine.state
    after = settling.settle(mine, by=by)
    if after == FulfillmentOrderState.PICKED != before:
        timeline.record(order, "fulfillment.picked", by=by, subject=mine.number)


def _mine(user: Any, location: Location) -> PickList | None:
    rows = PickList.objects.filter(location=location, state=PickListState.CLAIMED, picker=user)
    return next(iter(lock(rows)), None)


def _free(location: Location, wanted: PickList | None) -> PickList | None:
    rows = free(location)
    if wanted is not None:
        rows = rows.filter(pk=wanted.pk)
    return rows.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
