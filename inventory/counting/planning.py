"""Which bins are counted, and why."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from inventory.counting import settling
from inventory.models import Bin, BinStock, CountedBin, CycleCount, Location, Sku
from inventory.statuses import BEING_COUNTED, COUNT_MOVES, COUNTABLE, COUNTED_BIN_MOVES, CountCause, CountedBinState
from inventory.statuses import CountState as State
from oms.common import states
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from oms.common.numbering import next_number


class AlreadyCounted(Refused):
    """All of these bins are being counted already."""

    code = "already_counted"


@retrying
@transaction.atomic
def plan(
    location: Location,
    *,
    bins: Collection[Bin] = (),
    skus: Collection[Sku] = (),
    cause: CountCause = CountCause.PLANNED,
    note: str = "",
    by: Any,
) -> CycleCount:
    """Count these bins whole, and these SKUs wherever they lie. What is being counted already is left out."""
    wanted = _where(location, skus) | {bin.pk: None for bin in bins if bin.kind in COUNTABLE}
    if not wanted:
        raise Refused("None of this lies in a bin here. Name the bins to count.")
    taken = set(CountedBin.objects.filter(bin__in=wanted, state__in=BEING_COUNTED).values_list("bin", flat=True))
    if not set(wanted) - taken:
        raise AlreadyCounted
    count = CycleCount.objects.create(
        number=next_number("count"), location=location, cause=cause, note=note, created_by_label=Actor.of(by).label
    )
    rows = [CountedBin(count=count, bin_id=bin, sku_id=sku) for bin, sku in wanted.items() if bin not in taken]
    CountedBin.objects.bulk_create(rows, ignore_conflicts=True)
    if not count.bins.exists():  # somebody asked for them in this moment
        raise AlreadyCounted
    return count


def ask(bin: Bin, *, cause: CountCause, by: Any) -> CycleCount:
    """Somebody should count this bin: the count it is in, or a new one."""
    try:
        return _open_in(bin) or plan(bin.location, bins=[bin], cause=cause, by=by)
    except AlreadyCounted:
        return _open_in(bin)


@retrying
@transaction.atomic
def cancel(count: CycleCount, *, by: Any) -> CycleCount:
    """Nothing of it is posted."""
    count = lock(CycleCount.objects.filter(pk=count.pk))[0]
    if count.state == State.CANCELLED:
        return count
    for row in lock(count.bins.filter(state__in=BEING_COUNTED)):
        states.advance(row, CountedBinState.DROPPED, moves=COUNTED_BIN_MOVES)
        row.save()
    states.advance(count, State.CANCELLED, moves=COUNT_MOVES)
    settling.end(count, by=by)
    return count


def under_way(bins: Collection[int]) -> dict[int, CountedBin]:
    """Of these bins those that wait to be counted or are counted now, by the bin's id."""
    rows = CountedBin.objects.filter(bin__in=bins, state__in=BEING_COUNTED).select_related("count", "counter")
    return {row.bin_id: row for row in rows}


def _open_in(bin: Bin) -> CycleCount | None:
    """The count that this bin is in; of all that lies in it, when nobody has begun."""
    found = CountedBin.objects.filter(bin=bin, state__in=BEING_COUNTED).select_related("count__location").first()
    if found and found.sku_id and not found.lines.exists():
        CountedBin.objects.filter(pk=found.pk).update(sku=None)
    return found.count if found else None


def _where(location: Location, skus: Collection[Sku]) -> dict[int, int | None]:
    """bin → the one SKU to count there, or None for all of the bin when several are wanted."""
    rows = BinStock.objects.filter(sku__in=skus, bin__location=location, bin__kind__in=COUNTABLE, quantity__gt=0)
    found: dict[int, int | None] = {}
    for bin, sku in rows.values_list("bin", "sku").distinct():
        found[bin] = None if bin in found else sku
    return found
