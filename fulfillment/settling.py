"""After units were picked, found short or taken away: which tasks, lists, waves and work are done with that."""

from typing import Any

from django.db.models import F
from django.utils import timezone

from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, PickList, PickTask, Tote, Wave
from fulfillment.statuses import (
    FULFILLMENT_MOVES,
    PICK_LIST_MOVES,
    PICK_TASK_MOVES,
    WAVE_MOVES,
    FulfillmentOrderState,
    PickListState,
    PickTaskState,
    WaveState,
)
from oms.common import states
from oms.common.locking import lock

State = FulfillmentOrderState
BEING_PICKED = (State.RELEASED, State.IN_PROGRESS)
ENDED = (PickListState.DONE, PickListState.CANCELLED)


def trim(line: FulfillmentOrderLine) -> None:
    """Open pick tasks of the line ask for no more than is left to pick; the last stops of the walk go first."""
    tasks = lock(PickTask.objects.filter(fulfillment_line=line, state=PickTaskState.PENDING))
    excess = sum(task.remaining for task in tasks) - (line.quantity - line.picked)
    for task in sorted(tasks, key=lambda task: (-task.sequence, -task.pk)):
        taken = min(excess, task.remaining)
        if taken <= 0:
            break
        excess -= taken
        task.quantity -= taken
        if not task.remaining:
            end_task(task)
        task.save()


def put_back(line: FulfillmentOrderLine) -> None:
    """Units of the line were put back by somebody else: stops that are not over hold no more than is picked of it."""
    tasks = lock(PickTask.objects.filter(fulfillment_line=line, state=PickTaskState.PENDING))
    excess = sum(task.picked for task in tasks) - line.picked
    for task in sorted(tasks, key=lambda task: (-task.sequence, -task.pk)):
        taken = min(excess, task.picked)
        if taken <= 0:
            break
        excess -= taken
        task.quantity, task.picked = task.quantity - taken, task.picked - taken
        if not task.quantity:
            end_task(task)
        task.save()


def end_task(task: PickTask) -> None:
    """Nothing is left to pick of it: picked, or cancelled when nothing was."""
    states.advance(task, PickTaskState.PICKED if task.picked else PickTaskState.CANCELLED, moves=PICK_TASK_MOVES)
    task.done_at = timezone.now()


def settle(work: FulfillmentOrder, *, reason: str = "", by: Any) -> str:
    """Bring work, its lists and its wave to the state that their lines and tasks say. Gives the state of the work."""
    lines = list(FulfillmentOrderLine.objects.filter(fulfillment_order=work))
    if work.is_live and not any(line.quantity for line in lines):
        cancel(work, reason=reason or "nothing left to send")
    elif work.state in BEING_PICKED and all(line.picked == line.quantity for line in lines) and not _at_a_stop(lines):
        states.advance(work, State.PICKED, moves=FULFILLMENT_MOVES)
        work.picked_at = timezone.now()
        work.save()
    settle_lists(work)
    return work.state


def cancel(work: FulfillmentOrder, *, reason: str) -> None:
    states.advance(work, State.CANCELLED, moves=FULFILLMENT_MOVES)
    work.cancelled_at, work.cancel_reason = timezone.now(), reason[:60]
    work.collect_code = ""
    work.save()
    free_tote(work)


def free_tote(work: FulfillmentOrder) -> None:
    Tote.objects.filter(fulfillment_order=work).update(fulfillment_order=None)


def settle_lists(work: FulfillmentOrder) -> None:
    """Lists of this work on which nobody has anything to do any more are done, and a wave with its last list."""
    lists = PickList.objects.filter(tasks__fulfillment_line__fulfillment_order=work).exclude(state__in=ENDED)
    for pick_list in lock(PickList.objects.filter(pk__in=lists.values("pk"))):
        tasks = list(pick_list.tasks.values_list("state", flat=True))
        if PickTaskState.PENDING in tasks:
            continue
        worked = any(state in (PickTaskState.PICKED, PickTaskState.SHORT) for state in tasks)
        states.advance(pick_list, PickListState.DONE if worked else PickListState.CANCELLED, moves=PICK_LIST_MOVES)
        pick_list.done_at, pick_list.claimed_until = timezone.now(), None
        pick_list.save()
        _settle_wave(pick_list.wave_id)


def _at_a_stop(lines: list[FulfillmentOrderLine]) -> bool:
    """Somebody holds units that have no tote yet."""
    return PickTask.objects.filter(fulfillment_line__in=lines, state=PickTaskState.PENDING).exists()


def _settle_wave(wave_id: int) -> None:
    wave = lock(Wave.objects.filter(pk=wave_id))[0]
    if wave.state == WaveState.OPEN and not wave.pick_lists.exclude(state__in=ENDED).exists():
        states.advance(wave, WaveState.DONE, moves=WAVE_MOVES)
        wave.done_at = timezone.now()
        wave.save()


def unpicked(work: FulfillmentOrder) -> bool:
    return FulfillmentOrderLine.objects.filter(fulfillment_order=work, quantity__gt=F("picked")).exists()
