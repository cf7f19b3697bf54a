"""A lead looks at the differences: has a bin counted again, leaves it out, or posts them."""

from typing import Any

from django.db import transaction
from django.db.models import F

from inventory import stock
from inventory.counting import settling
from inventory.models import CountedBin, CountLine, CycleCount, StockLevel
from inventory.statuses import BEING_COUNTED, COUNTED_BIN_MOVES, AdjustmentReason, BinKind, CountState
from inventory.statuses import CountedBinState as State
from inventory.stock.correcting import ANY, Spot
from inventory.stock.ledger import Key
from oms.common import states
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying


def differences(count: CycleCount) -> list[CountLine]:
    """What approving would post, in walking order."""
    lines = CountLine.objects.filter(
        counted_bin__count=count, counted_bin__state=State.DIFFERS, round=F("counted_bin__round")
    ).exclude(difference=0)
    return list(
        lines.select_related("sku", "lot", "counted_bin__bin").order_by(
            "counted_bin__bin__pick_sequence", "sku__code", "lot__code", "pk"
        )
    )


def shortages(count: CycleCount) -> dict[Key, int]:
    """(SKU, location) → promised units that approving would take, and that have to be displaced before."""
    net: dict[Key, int] = {}
    for line in differences(count):
        if line.counted_bin.bin.kind != BinKind.QUARANTINE:
            key = (line.sku_id, count.location_id)
            net[key] = net.get(key, 0) + line.difference
    levels = StockLevel.objects.filter(location=count.location_id, sku__in={sku for sku, _ in net})
    free = {(one.sku_id, one.location_id): one.on_hand - one.allocated - one.reserved - one.damaged for one in levels}
    return {key: -delta - free.get(key, 0) for key, delta in net.items() if -delta > free.get(key, 0)}


@retrying
@transaction.atomic
def post(count: CycleCount, *, by: Any) -> CycleCount:
    """The differences become ledger rows under the count's number. Quiet when it is closed already.

    Refused when that would take promised units: they have to be displaced first, one floor higher.
    """
    count = _locked(count)
    if count.state == CountState.CLOSED:
        return count
    if count.state != CountState.REVIEW:
        raise Refused(f"{count} is {count.get_state_display().lower()}: there is nothing to approve.")
    rows = lock(count.bins.filter(state=State.DIFFERS).select_related("bin", "count"))
    deltas = {_spot(line): line.difference for line in differences(count)}
    stock.correct(deltas, reason=AdjustmentReason.COUNTED, reference=count.number, by=by)
    crash_point("counting.posted")
    for row in rows:
        states.advance(row, State.POSTED, moves=COUNTED_BIN_MOVES)
        row.save()
        settling.believe(row, by=by)
    settling.settle(count, by=by)
    return count


@retrying
@transaction.atomic
def send_back(counted: CountedBin, *, by: Any) -> CountedBin:
    """Somebody else counts the bin once more."""
    count, row = _locked(counted.count), lock(CountedBin.objects.filter(pk=counted.pk).select_related("bin"))[0]
    if row.state == State.RECOUNT:
        return row
    states.advance(row, State.RECOUNT, moves=COUNTED_BIN_MOVES)
    row.first_counter, row.counter, row.round = row.counter or row.first_counter, None, row.round + 1
    row.save()
    settling.settle(count, by=by)
    return row


@retrying
@transaction.atomic
def leave_out(counted: CountedBin, *, by: Any) -> CountedBin:
    """Its differences are not posted; the bin can be counted another time."""
    count, row = _locked(counted.count), lock(CountedBin.objects.filter(pk=counted.pk).select_related("bin"))[0]
    if row.state in BEING_COUNTED:
        states.advance(row, State.DROPPED, moves=COUNTED_BIN_MOVES)
        row.counter = None
        row.save()
        settling.settle(count, by=by)
    return row


def _spot(line: CountLine) -> Spot:
    return line.sku_id, line.counted_bin.bin_id, line.lot_id if line.sku.has_lots else ANY


def _locked(count: CycleCount) -> CycleCount:
    return lock(CycleCount.objects.filter(pk=count.pk).select_related("location"))[0]
