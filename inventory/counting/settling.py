"""After a bin was counted: what is left to do in its count, and who has to know."""

from typing import Any

from django.utils import timezone

from inventory.models import CountedBin, CycleCount
from inventory.statuses import COUNT_MOVES, TO_COUNT, CountedBinState, CountState
from oms.common import cases, states
from oms.common.actors import Actor
from oms.common.models import ExceptionCase


def settle(count: CycleCount, *, by: Any) -> None:
    """Open while a bin is to count, then a lead's to approve, closed when nothing differs. Call with it locked."""
    found = list(count.bins.values_list("state", flat=True))
    if any(state in TO_COUNT for state in found):
        _move(count, CountState.OPEN)
    elif CountedBinState.DIFFERS in found:
        _move(count, CountState.REVIEW)
        _ask_a_lead(count, found.count(CountedBinState.DIFFERS), by=by)
    else:
        _move(count, CountState.CLOSED)
        end(count, by=by)


def end(count: CycleCount, *, by: Any) -> None:
    """It is over: say by whom, and close its case."""
    count.closed_at, count.closed_by_label = timezone.now(), Actor.of(by).label
    count.save()
    cases.resolve_case(_key(count), by=by, resolution=count.get_state_display())


def believe(counted: CountedBin, *, by: Any) -> None:
    """Somebody looked: whoever asked for it to be counted has the answer."""
    asked = ExceptionCase.objects.unresolved().filter(
        key__startswith=f"count:{counted.bin.location_id}:{counted.bin_id}:"
    )
    for key in asked.values_list("key", flat=True):
        cases.resolve_case(key, by=by, resolution=f"Counted: {counted.count}")


def _move(count: CycleCount, to: CountState) -> None:
    if count.state != to:
        states.advance(count, to, moves=COUNT_MOVES)
        count.save()


def _ask_a_lead(count: CycleCount, bins: int, *, by: Any) -> None:
    cases.open_case(
        "count_differs",
        f"count:{count.number}",
        title=f"Approve {count}: {bins} bin{'s differ' if bins > 1 else ' differs'} at {count.location}",
        detail="Look at the differences, then approve them or have a bin counted again.",
        key=_key(count),
        action_label="Open the count",
        action_url=count.get_absolute_url(),
        by=by,
    )


def _key(count: CycleCount) -> str:
    return f"count:{count.number}"
