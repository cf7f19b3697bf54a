"""Counting in the hand: scan the bin, scan or type what lies in it, done. After each scan all is on the server."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from inventory import lots, skus
from inventory.counting import settling
from inventory.models import BinStock, CountedBin, CountLine, CycleCount, Location, Lot, Sku
from inventory.statuses import COUNTED_BIN_MOVES, TO_COUNT, Tracks
from inventory.statuses import CountedBinState as State
from inventory.stock.correcting import ANY, held
from inventory.stock.ledger import lock_levels
from oms.common import states
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying

LEASE = timedelta(minutes=15)
MOST_UNITS = 10_000_000
UNKNOWN = "?"
Of = tuple[int, int | None]  # sku id, lot id


class WrongScan(Refused):
    """Not what is counted here."""

    code = "wrong_scan"
    status = 422


class WhichLot(WrongScan):
    """Say which lot it is."""

    code = "which_lot"


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
def scan(counted: CountedBin, code: str, *, quantity: int = 1, lot: str = "", by: Any) -> Said:
    """`quantity` more of this barcode lie here. Units that moved since its first scan make the line begin anew.

    SKUs with lots are counted lot by lot: `lot` where the barcode does not say it, "?" for units that carry none.
    """
    row, found = _mine(counted, by), _meant(code)
    of = _lot(found, lot)
    expected, line = _books(row, found.sku, of)
    if line and line.expected != expected:
        line.delete()
        return Said(found.sku, None)
    units = (line.counted if line else 0) + found.quantity * quantity
    return Said(found.sku, _write(row, (found.sku.pk, of), line, expected, units, by=by))


@retrying
@transaction.atomic
def say(counted: CountedBin, code: str, units: int, *, lot: str = "", by: Any) -> Said:
    """Exactly so many lie here (of that lot), whatever was scanned before."""
    row, found = _mine(counted, by), _meant(code)
    of = _lot(found, lot)
    expected, line = _books(row, found.sku, of)
    return Said(found.sku, _write(row, (found.sku.pk, of), line, expected, units, by=by))


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
    row = lock(CountedBin.objects.filter(pk=counted.pk).select_related("bin", "sku", "count__location"))[0]
    if row.state not in TO_COUNT or row.counter_id != by.pk:
        raise WrongScan(f"You are not counting {row} any more. Scan a bin to begin.")
    row.counting_until = Now() + LEASE
    row.save(update_fields=["counting_until"])
    return row


def _meant(code: str) -> skus.Scan:
    found = skus.read(code)
    if found is None or found.sku.digital:
        raise WrongScan(f"“{code.strip()[:40]}” is not a SKU with stock. Put it aside and tell a lead.")
    return found


def _lot(found: skus.Scan, said: str) -> int | None:
    """The lot that was said or scanned. One that nobody received is taken in only when a barcode says it."""
    sku, said = found.sku, said.strip()
    if not sku.has_lots or said == UNKNOWN:
        return None
    if not said and not found.lot:
        raise WhichLot(f"{sku} is kept by lot: enter the lot that is printed on it, or {UNKNOWN} when there is none.")
    if not said or said.upper() == found.lot.upper():
        return lots.take_in(sku, found.lot, found.expires_on).pk
    lot = Lot.objects.filter(sku=sku, code__iexact=said).first()
    if lot is None:
        raise WhichLot(f"No lot {said[:40]} of {sku} is known. Read it again, or scan the barcode that holds it.")
    return lot.pk


def _books(row: CountedBin, sku: Sku, lot: int | None) -> tuple[int, CountLine | None]:
    """What the books hold in the bin (of that lot) at this moment, and what was counted so far."""
    if row.sku_id not in (None, sku.pk):
        raise WrongScan(f"Only {row.sku} is counted in {row}. Leave {sku} where it is.")
    lock_levels([(sku.pk, row.bin.location_id)])
    expected = held([spot := (sku.pk, row.bin_id, lot if sku.has_lots else ANY)]).get(spot, 0)
    return expected, row.lines.filter(sku=sku, lot=lot, round=row.round).first()


def _write(row: CountedBin, of: Of, line: CountLine | None, expected: int, units: int, *, by: Any) -> CountLine:
    if not 0 <= units <= MOST_UNITS:
        raise WrongScan("Say how many lie here, 0 or more.")
    line = line or CountLine(counted_bin=row, sku_id=of[0], lot_id=of[1], round=row.round)
    line.expected, line.counted, line.counter_label = expected, units, Actor.of(by).label[:120]
    line.save()
    return line


def _nothing_of_the_rest(row: CountedBin, *, by: Any) -> None:
    """SKUs and lots that the books hold here and nobody found."""
    there = BinStock.objects.filter(bin=row.bin, quantity__gt=0)
    there = there.filter(sku=row.sku_id) if row.sku_id else there
    lock_levels([(sku, row.bin.location_id) for sku in there.values_list("sku", flat=True)])
    rest: dict[Of, int] = {}
    for sku, tracks, lot, units in there.values_list("sku", "sku__tracks", "lot", "quantity"):
        of = (sku, lot if tracks == Tracks.LOT else None)
        rest[of] = rest.get(of, 0) + units
    seen = set(row.lines.filter(round=row.round).values_list("sku", "lot"))
    for of in sorted(set(rest) - seen, key=str):
        _write(row, of, None, rest[of], 0, by=by)


def _verdict(row: CountedBin) -> State:
    differing = list(row.lines.filter(round=row.round).exclude(difference=0).select_related("sku"))
    if not differing:
        return State.AGREED
    place = row.count.location
    large = any(_is_large(line, place) for line in differing)
    return State.RECOUNT if row.round == 1 and large else State.DIFFERS


def _is_large(line: CountLine, place: Location) -> bool:
    off = abs(line.difference)
    dear = place.recount_value is not None and off * line.sku.price > place.recount_value
    return dear or off > max(place.recount_units, line.expected * place.recount_percent // 100)
