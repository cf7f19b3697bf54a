"""Counting in the hand: scan the bin, scan or type what lies in it, done. After each scan all is on the server."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.db.models.functions import Now

from inventory import skus
from inventory.counting import settling
from inventory.models import BinStock, CountedBin, CountLine, CycleCount, Sku
from inventory.statuses import COUNTED_BIN_MOVES, TO_COUNT
from inventory.statuses import CountedBinState as State
from inventory.stock.ledger import in_bin, lock_levels
from oms.common import states
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying

LEASE = timedelta(minutes=15)
MOST_UNITS = 10_000_000
TOLERANCE, TOLERANCE_PERCENT = 1, 2  # a difference beyond both is counted again by another person


class WrongScan(Refused):
    """Not what is counted here."""

    code = "wrong_scan"
    status = 422


@dataclass(frozen=True)
class Said:
    """What a scan came to. `line` is None when units moved since its first scan, so that it begins anew."""

    sku: Sku
    line: CountLine | None


def next_bin(count: CycleCount, user: Any) -> CountedBin | None:
    """Where to go now, in walking order: bins that this person may count and nobody else has in hand."""
    rows = count.bins.filter(state__in=TO_COUNT).exclude(first_counter=user).exclude(_others(user))
    return rows.select_related("bin", "sku").order_by("bin__pick_sequence", "bin__code", "pk").first()


def in_hand(count: CycleCount, user: Any) -> CountedBin | None:
    """The bin this person is counting."""
    rows = count.bins.filter(state__in=TO_COUNT, counter=user)
    return rows.select_related("bin", "sku", "count").order_by("pk").first()


@retrying
@transaction.atomic
def begin(count: CycleCount, code: str, *, by: Any) -> CountedBin:
    """I stand at this bin."""
    code = code.strip()
    found = lock(count.bins.filter(bin__code__iexact=code).select_related("bin"))
    if not found:
        raise WrongScan(f"“{code[:40]}” is not a bin of {count}. Scan the bin's own code.")
    row = found[0]
    if row.state not in TO_COUNT:
        raise WrongScan(f"{row} is counted already. Go to the next bin.")
    if row.first_counter_id == by.pk:
        raise WrongScan(f"You counted {row} before. Another person has to count it again.")
    if row.counter_id not in (None, by.pk) and _is_live(row):
        raise WrongScan(f"{row.counter} is counting {row}. Go to the next bin.")
    row.counter, row.counting_until = by, Now() + LEASE
    row.save()
    return row


@retrying
@transaction.atomic
def scan(counted: CountedBin, code: str, *, quantity: int = 1, by: Any) -> Said:
    """`quantity` more of this barcode lie here. Units that moved since its first scan make the line begin anew."""
    row, (sku, units) = _mine(counted, by), _meant(code)
    expected, line = _books(row, sku)
    if line and line.expected != expected:
        line.delete()
        return Said(sku, None)
    return Said(sku, _write(row, sku.pk, line, expected, (line.counted if line else 0) + units * quantity, by=by))


@retrying
@transaction.atomic
def say(counted: CountedBin, code: str, units: int, *, by: Any) -> Said:
    """Exactly so many lie here, whatever was scanned before."""
    row, (sku, _) = _mine(counted, by), _meant(code)
    expected, line = _books(row, sku)
    return Said(sku, _write(row, sku.pk, line, expected, units, by=by))


@retrying
@transaction.atomic
def finish(counted: CountedBin, *, by: Any) -> CountedBin:
    """That is all. What was not found counts as 0; a large difference is counted again, a small one goes to a lead."""
    count = lock(CycleCount.objects.filter(pk=counted.count_id).select_related("location"))[0]
    row = _mine(counted, by)
    _nothing_of_the_rest(row, by=by)
    states.advance(row, _verdict(row), moves=COUNTED_BIN_MOVES)
    row.counted_at, row.counting_until = Now(), None
    if row.state == State.RECOUNT:
        row.first_counter, row.counter, row.round = row.counter, None, row.round + 1
    row.save()
    crash_point("counting.bin_done")
    if row.state == State.AGREED:
        settling.believe(row, by=by)
    settling.settle(count, by=by)
    return row


@retrying
@transaction.atomic
def give_back(counted: CountedBin, *, by: Any) -> CountedBin:
    """Somebody else may go on; what was counted so far is kept."""
    row = _mine(counted, by)
    row.counter, row.counting_until = None, None
    row.save()
    return row


def _others(user: Any) -> Q:
    return Q(counter__isnull=False, counting_until__gt=Now()) & ~Q(counter=user)


def _is_live(row: CountedBin) -> bool:
    return CountedBin.objects.filter(pk=row.pk, counting_until__gt=Now()).exists()


def _mine(counted: CountedBin, by: Any) -> CountedBin:
    row = lock(CountedBin.objects.filter(pk=counted.pk).select_related("bin", "sku", "count"))[0]
    if row.state not in TO_COUNT or row.counter_id != by.pk:
        raise WrongScan(f"You are not counting {row} any more. Scan a bin to begin.")
    row.counting_until = Now() + LEASE
    row.save(update_fields=["counting_until"])
    return row


def _meant(code: str) -> tuple[Sku, int]:
    found = skus.read(code)
    if found is None or found.sku.digital:
        raise WrongScan(f"“{code.strip()[:40]}” is not a SKU with stock. Put it aside and tell a lead.")
    return found.sku, found.quantity


def _books(row: CountedBin, sku: Sku) -> tuple[int, CountLine | None]:
    """What the books hold in the bin at this moment, and what was counted so far."""
    if row.sku_id not in (None, sku.pk):
        raise WrongScan(f"Only {row.sku} is counted in {row}. Leave {sku} where it is.")
    lock_levels([(sku.pk, row.bin.location_id)])
    return in_bin(row.bin_id, sku.pk), row.lines.filter(sku=sku, round=row.round).first()


def _write(row: CountedBin, sku_id: int, line: CountLine | None, expected: int, units: int, *, by: Any) -> CountLine:
    if not 0 <= units <= MOST_UNITS:
        raise WrongScan("Say how many lie here, 0 or more.")
    line = line or CountLine(counted_bin=row, sku_id=sku_id, round=row.round)
    line.expected, line.counted, line.counter_label = expected, units, Actor.of(by).label[:120]
    line.save()
    return line


def _nothing_of_the_rest(row: CountedBin, *, by: Any) -> None:
    """SKUs that the books hold here and nobody found."""
    seen = row.lines.filter(round=row.round).values("sku")
    rest = BinStock.objects.filter(bin=row.bin, quantity__gt=0).exclude(sku__in=seen)
    if row.sku_id:
        rest = rest.filter(sku=row.sku_id)
    lock_levels([(sku, row.bin.location_id) for sku in rest.values_list("sku", flat=True)])
    for sku, units in rest.values_list("sku").annotate(units=Sum("quantity")):
        _write(row, sku, None, units, 0, by=by)


def _verdict(row: CountedBin) -> State:
    differing = list(row.lines.filter(round=row.round).exclude(difference=0))
    if not differing:
        return State.AGREED
    return State.RECOUNT if row.round == 1 and any(map(_is_large, differing)) else State.DIFFERS


def _is_large(line: CountLine) -> bool:
    return abs(line.difference) > max(TOLERANCE, line.expected * TOLERANCE_PERCENT // 100)
