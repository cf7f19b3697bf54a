"""Less in the bin than the list says: other bins first, then other places, then the queue; and somebody counts."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from fulfillment import sourcing, waves
from fulfillment.models import FulfillmentOrder, PickTask
from fulfillment.picking import claiming
from fulfillment.picking.scanning import WrongScan
from fulfillment.statuses import PICK_TASK_MOVES, PickTaskState, ShortReason
from inventory import counting, stock
from inventory.statuses import CountCause
from inventory.stock import ledger, lotting
from oms.common import cases, states
from oms.common.crash import crash_point
from oms.common.locking import retrying
from orders import progress


@retrying
@transaction.atomic
def short(task: PickTask | int, quantity_found: int, reason: str, *, by: Any) -> PickTask:
    """Of the stop's units only `quantity_found` can be had here (scanned ones included; the others are picked now).

    The missing ones are picked from other bins of the location if these have them free, else released and sourced again
    from elsewhere. The stock record follows the reason, and a case asks for a count. Gives the stop, now over.
    """
    order, mine, task = claiming.locked_task(task, by=by)
    reason = ShortReason(reason)
    missing = task.quantity - quantity_found
    if not task.picked <= quantity_found < task.quantity:
        raise WrongScan(f"Say how many there are: {task.picked} to {task.quantity - 1}.")
    claiming.begin(mine, order, by=by)
    _pick_found(task, mine, order, quantity_found - task.picked, by=by)
    elsewhere = _other_bins(task, mine, missing)
    given_up = missing - elsewhere
    task.quantity -= elsewhere
    _end(task, reason, given_up, by=by)
    if given_up:
        sourcing.give_up(task.fulfillment_line, given_up, reason=str(reason.label), by=by)
    _correct(task, mine, reason, missing, by=by)
    crash_point("picking.short")
    _ask_for_a_count(task, mine, reason, missing, by=by)
    claiming.close(mine, order, by=by)
    return task


def _pick_found(task: PickTask, mine: FulfillmentOrder, order: Any, units: int, *, by: Any) -> None:
    if units:
        stock.pick(task.sku_id, task.bin_id, units, lot=task.lot_id, reference=mine.number, by=by)
        task.fulfillment_line.picked += units
        task.fulfillment_line.save(update_fields=["picked"])
        task.picked += units
        progress.record_picked(order, {task.fulfillment_line.order_line_id: units}, by=by)


def _other_bins(task: PickTask, mine: FulfillmentOrder, missing: int) -> int:
    """New stops of the same walk. The number of units they give."""
    ledger.lock_levels([(task.sku_id, mine.location_id)])
    books = waves.books_of(mine.location, {task.sku_id}, without=task.bin_id)
    chosen = books.take(task.sku_id, missing)
    waves.lead_on(task, chosen)
    return sum(give.units for give in chosen)


def _end(task: PickTask, reason: ShortReason, given_up: int, *, by: Any) -> None:
    """Short when units were given up here; a stop that others make good is over as if it had asked for less."""
    over = PickTaskState.PICKED if task.picked else PickTaskState.CANCELLED
    states.advance(task, PickTaskState.SHORT if given_up else over, moves=PICK_TASK_MOVES)
    task.short_reason = reason
    task.done_at, task.done_by = Now(), str(by)[:120]  # the ledger's clock: a count after it counts
    task.save()
    task.refresh_from_db(fields=["done_at"])


def _correct(task: PickTask, mine: FulfillmentOrder, reason: ShortReason, missing: int, *, by: Any) -> None:
    """Not there: the bin is empty, but for units promised to others. Damaged: set aside. Else a count decides."""
    key = (task.sku_id, mine.location_id)
    there = sum(units for _, units in lotting.held(task.bin_id, task.sku_id, lot=task.lot_id))
    free = min(there, ledger.lock_levels([key])[key].free)
    if reason == ShortReason.NOT_FOUND and free > 0:
        stock.adjust(task.sku_id, task.bin_id, -free, lot=task.lot_id, reason="lost", reference=mine.number, by=by)
    elif reason == ShortReason.DAMAGED and min(free, missing) > 0:
        said = {"lot": task.lot_id, "reason": "short pick", "reference": mine.number, "by": by}
        stock.damage(task.sku_id, task.bin_id, min(free, missing), **said)


def _ask_for_a_count(task: PickTask, mine: FulfillmentOrder, reason: ShortReason, missing: int, *, by: Any) -> None:
    count = None if reason == ShortReason.DAMAGED else counting.ask(task.bin, cause=CountCause.SHORT_PICK, by=by)
    cases.open_case(
        "short_pick",
        f"sku:{task.sku.code}",
        title=f"Count {task.sku.code} in {task.bin} at {mine.location}",
        detail=f"{missing} missing for {mine}: {str(reason.label).lower()}. Until it is counted, routing passes by.",
        key=f"count:{mine.location_id}:{task.bin_id}:{task.sku_id}",
        action_label=f"Open {count}" if count else "Open the SKU",
        action_url=count.get_absolute_url() if count else task.sku.get_absolute_url(),
        sla_minutes=480,
        by=by,
    )
