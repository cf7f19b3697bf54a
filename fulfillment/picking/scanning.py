"""The three scans of a stop. A wrong one changes nothing and says what it is."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from fulfillment import codes, interception, work
from fulfillment.models import FulfillmentOrder, PickList, PickTask, Tote
from fulfillment.picking import claiming
from fulfillment.statuses import PICK_TASK_MOVES, PickTaskState
from inventory import stock
from inventory.models import Bin
from oms.common import states
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import holds, progress
from orders.statuses import Verb


class WrongScan(Refused):
    """Not what was asked for."""

    code = "wrong_scan"
    status = 422


@retrying
@transaction.atomic
def scan_bin(task: PickTask | int, code: str, *, by: Any) -> PickTask:
    """I stand at the bin."""
    _, _, task = _ready(task, by=by)
    if not codes.same(code, task.bin.code):
        other = Bin.objects.filter(location=task.bin.location_id, code__iexact=code.strip()).first()
        where = f"You are at {other}" if other else f"“{code.strip()}” is not a bin here"
        raise WrongScan(f"{where}. Go to {task.bin}.")
    task.bin_confirmed = True
    task.save(update_fields=["bin_confirmed"])
    return task


@retrying
@transaction.atomic
def scan_item(task: PickTask | int, code: str, *, quantity: int = 1, by: Any) -> PickTask:
    """`quantity` times this barcode goes from the shelf into the tote. A carton's code counts its units."""
    order, mine, task = _ready(task, by=by)
    if not task.bin_confirmed:
        raise WrongScan(f"Scan the bin first: {task.bin}.")
    units = _units(task, code) * quantity
    if not 0 < units <= task.remaining:
        raise WrongScan(f"Only {task.remaining} of {task.sku.code} are wanted here, not {units}.")
    claiming.begin(mine, order, by=by)
    stock.pick(task.sku_id, task.bin_id, units, lot=task.lot_id, reference=mine.number, by=by)
    line = task.fulfillment_line
    line.picked += units
    line.save(update_fields=["picked"])
    task.picked += units
    task.save(update_fields=["picked"])
    progress.record_picked(order, {line.order_line_id: units}, by=by)
    crash_point("picking.picked")
    if not task.remaining and (tote := Tote.objects.filter(fulfillment_order=mine).first()):
        _into(tote, task, mine, order, by=by)
    return task


@retrying
@transaction.atomic
def scan_tote(task: PickTask | int, code: str, *, by: Any) -> PickTask:
    """The picked units lie in this tote. The first tote scanned for an order is its tote; a new code is a new tote."""
    order, mine, task = _ready(task, by=by)
    if task.remaining:
        raise WrongScan(f"{task.remaining} more of {task.sku.code} first.")
    tote = _tote(mine, code)
    _into(tote, task, mine, order, by=by)
    return task


@retrying
@transaction.atomic
def skip(task: PickTask | int, *, by: Any) -> PickTask:
    """Later: the stop moves to the end of the walk."""
    _, _, task = _ready(task, by=by)
    last = task.pick_list.tasks.order_by("-sequence").values_list("sequence", flat=True).first()
    task.sequence, task.bin_confirmed = last + 10, False
    task.save(update_fields=["sequence", "bin_confirmed"])
    return task


@retrying
@transaction.atomic
def undo(task: PickTask | int, *, quantity: int = 1, by: Any) -> PickTask:
    """The last scan was a mistake: units go back from the tote into the bin."""
    order, mine, task = claiming.locked_task(task, by=by)
    interception.refuse_open(mine)
    if not 0 < quantity <= task.picked:
        raise work.NotNow(f"{task.picked} units were picked at this stop.")
    line = task.fulfillment_line
    stock.put_back(task.sku_id, task.bin_id, quantity, lot=task.lot_id, reference=mine.number, by=by)
    line.picked -= quantity
    line.save(update_fields=["picked"])
    task.picked -= quantity
    task.save(update_fields=["picked"])
    progress.record_picked(order, {line.order_line_id: -quantity}, by=by)
    return task


@retrying
@transaction.atomic
def finish(pick_list: PickList, *, by: Any) -> PickList:
    """The walk is over. Stops that only lack a tote are done without one; units still to pick are named in NotNow."""
    claiming.renew(pick_list, by=by)
    for task in pick_list.tasks.filter(state=PickTaskState.PENDING).order_by("pk"):
        if task.remaining:
            raise work.NotNow(f"{task.remaining} of {task.sku.code} in {task.bin} are still to pick.")
        order, mine, task = claiming.locked_task(task, by=by)
        _done(task, mine, order, by=by)
    pick_list.refresh_from_db()
    return pick_list


def _ready(task: PickTask | int, *, by: Any) -> tuple[Any, FulfillmentOrder, PickTask]:
    order, mine, task = claiming.locked_task(task, by=by)
    holds.require(order, Verb.PICK)
    interception.refuse_open(mine)
    return order, mine, task


def _units(task: PickTask, code: str) -> int:
    found = codes.item(code)
    if found is None:
        raise WrongScan(f"“{code.strip()}” is not known. Wanted: {task.sku.code} {task.sku.name}.")
    if found.sku.pk != task.sku_id:
        raise WrongScan(f"This is {found.sku.code} {found.sku.name}. Wanted: {task.sku.code} {task.sku.name}.")
    if task.lot_id and found.lot and not codes.same(found.lot, task.lot.code):
        raise WrongScan(f"This is lot {found.lot}. Wanted: lot {task.lot.code}, it expires first.")
    return found.quantity


def _tote(mine: FulfillmentOrder, code: str) -> Tote:
    code = code.strip().upper()
    if not code or len(code) > 40 or codes.item(code) or Bin.objects.filter(code__iexact=code).exists():
        raise WrongScan(f"“{code}” is not a tote.")
    Tote.objects.bulk_create([Tote(location=mine.location, code=code)], ignore_conflicts=True)
    tote = lock(Tote.objects.filter(location=mine.location, code=code))[0]
    own = Tote.objects.filter(fulfillment_order=mine).first()
    if tote.fulfillment_order_id not in (None, mine.pk):
        raise WrongScan(f"{tote} holds {tote.fulfillment_order}. Take an empty one.")
    if own and own.pk != tote.pk:
        raise WrongScan(f"{mine} is in {own}. Put it there.")
    tote.fulfillment_order = mine
    tote.save(update_fields=["fulfillment_order"])
    return tote


def _into(tote: Tote, task: PickTask, mine: FulfillmentOrder, order: Any, *, by: Any) -> None:
    task.tote = tote
    _done(task, mine, order, by=by)


def _done(task: PickTask, mine: FulfillmentOrder, order: Any, *, by: Any) -> None:
    states.advance(task, PickTaskState.PICKED, moves=PICK_TASK_MOVES)
    task.done_at, task.done_by = timezone.now(), str(by)[:120]
    task.save()
    claiming.close(mine, order, by=by)
