"""Rows of stock: so many units of a SKU (and lot) in a bin. The difference to the books goes to the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum

from inventory import lots, serials, stock
from inventory.importing import judging
from inventory.importing.judging import Judged, Row, Unreadable, failed, once, whole
from inventory.models import Bin, BinStock, Location, Lot, Serial, Sku, StockImport
from inventory.statuses import COUNTABLE, ImportMode, RowVerdict, SerialState, Tracks
from inventory.stock.correcting import ANY, Spot, held
from inventory.stock.ledger import lock_levels
from oms.common.errors import Refused

NEEDED = ("location", "bin", "sku", "units")
COLUMNS = (*NEEDED, "lot", "expires_on", "serials")
UNKNOWN = "?"  # instead of a lot: units that carry none


@dataclass(frozen=True)
class Stated:
    """What a row says of a place."""

    location: Location
    bin: Bin
    sku: Sku
    units: int
    lot: str
    expires_on: date | None
    serials: tuple[str, ...]

    @property
    def key(self) -> tuple[int, int]:
        return self.sku.pk, self.location.pk


@dataclass
class Known:
    """What the rows of a chunk speak of, by their codes."""

    places: dict[str, Location]
    skus: dict[str, Sku]
    bins: dict[tuple[int, str], Bin]
    lots: dict[tuple[int, str], Lot]
    here: set[tuple[int, str]]
    held: dict[Spot, int]


def judge(rows: Sequence[tuple[int, Row]], run: StockImport, user: Any) -> list[Judged]:
    known = _known([row for _, row in rows], user)
    seen: dict[Any, int] = {}
    return [_judge(line, row, run, known, seen) for line, row in rows]


def apply(judged: Sequence[Judged], run: StockImport, by: Any) -> None:
    """Under the levels' locks the difference is taken anew, so that nothing that moved meanwhile is lost."""
    stated: list[Stated] = [one.thing for one in judged]
    lock_levels({one.key for one in stated}, create=True)
    spots = {_spot(one, _taken_in(one)): one for one in stated}
    there = held(spots) if run.mode == ImportMode.SET else {}
    deltas = {spot: one.units - there.get(spot, 0) for spot, one in spots.items()}
    for spot, one in spots.items():
        if one.serials:
            _number(one, deltas[spot], run, by)
    stock.correct(deltas, reason=run.reason, reference=run.reference, by=by)


def export(user: Any) -> Iterator[list[Any]]:
    rows = BinStock.objects.filter(
        bin__location__in=Location.objects.visible_to(user), bin__kind__in=COUNTABLE, quantity__gt=0
    )
    rows = rows.values_list(
        "bin__location__code", "bin__code", "sku__code", "sku__tracks", "lot__code", "lot__expires_on"
    )
    rows = rows.annotate(units=Sum("quantity"))
    order = ("bin__location__code", "bin__pick_sequence", "bin__code", "sku__code", "lot__code")
    for place, bin, sku, tracks, lot, expires_on, units in rows.order_by(*order).iterator(1000):
        yield [place, bin, sku, units, lot or (UNKNOWN if tracks == Tracks.LOT else ""), expires_on or "", ""]


def _known(rows: Sequence[Row], user: Any) -> Known:
    places = {place.code.upper(): place for place in Location.objects.visible_to(user)}
    skus = {sku.code.upper(): sku for sku in Sku.objects.filter(code__in={_text(row, "sku") for row in rows})}
    found = Bin.objects.filter(code__in={_text(row, "bin") for row in rows}, location__in=places.values())
    by_lot = [sku for sku in skus.values() if sku.has_lots]
    by_number = [sku for sku in skus.values() if sku.has_serials]
    here = Serial.objects.filter(sku__in=by_number, state=SerialState.HERE).values_list("sku", "code")
    known = Known(
        places,
        skus,
        {(bin.location_id, bin.code.upper()): bin for bin in found},
        {(lot.sku_id, lot.code.upper()): lot for lot in Lot.objects.filter(sku__in=by_lot)},
        {(sku, code.upper()) for sku, code in here},
        {},
    )
    known.held = held((sku.pk, bin.pk, ANY) for sku, bin in _pairs(rows, known))
    return known


def _judge(line: int, row: Row, run: StockImport, known: Known, seen: dict[Any, int]) -> Judged:
    key = "/".join(filter(None, (_text(row, name) for name in ("location", "bin", "sku", "lot"))))
    try:
        one = _stated(row, known)
        once(seen, key, line)
        lot = known.lots.get((one.sku.pk, one.lot.upper()))
        fresh = lot is None and one.lot not in ("", UNKNOWN)
        before = 0 if fresh else known.held.get(_spot(one, lot), 0)
        after = one.units if run.mode == ImportMode.SET else before + one.units
        lots.check(one.sku, lot, one.expires_on)
        _check_numbers(one, after - before, known)
    except (Unreadable, lots.WrongLot, serials.WrongSerial) as e:
        return failed(key, str(e))
    changes = {"units": [before, after]} if after != before else {}
    return Judged(RowVerdict.CHANGE if changes else RowVerdict.SAME, key, changes, thing=one)


def _stated(row: Row, known: Known) -> Stated:
    location, sku = known.places.get(_text(row, "location")), known.skus.get(_text(row, "sku"))
    if location is None:
        raise Unreadable(f"location: {_text(row, 'location')[:40] or 'none'} is not one of yours")
    bin = known.bins.get((location.pk, _text(row, "bin")))
    if bin is None or bin.kind not in COUNTABLE:
        raise Unreadable(f"bin: {_text(row, 'bin')[:40] or 'none'} is no bin for stock at {location}")
    if sku is None or sku.digital or sku.is_kit:
        raise Unreadable(f"sku: {_text(row, 'sku')[:80] or 'none'} is not a SKU with stock")
    lot, numbers = row.get("lot", "").strip(), row.get("serials", "").replace(",", " ").split()
    if sku.has_lots != bool(lot) or len(lot) > 40:
        raise Unreadable(f"lot: {sku} is {'kept by lot, name it' if sku.has_lots else 'not kept by lot'}")
    if numbers and not sku.has_serials:
        raise Unreadable(f"serials: {sku} is not kept by serial number")
    expires_on = judging.read(row, ["expires_on"], Lot).get("expires_on")
    return Stated(location, bin, sku, whole(row, "units"), lot, expires_on, tuple(numbers))


def _check_numbers(one: Stated, more: int, known: Known) -> None:
    """Each unit that comes has its number; which one is gone is said on the SKU's page."""
    if not one.sku.has_serials or not (more or one.serials):
        return
    if more < 0:
        raise Unreadable(f"units: {one.sku} is kept by serial number; say on its page which of them are gone")
    if one.serials:
        serials.read(one.serials)
    fresh = [code for code in one.serials if (one.sku.pk, code.upper()) not in known.here]
    if len(one.serials) != one.units or len(fresh) != more:
        raise Unreadable(
            f"serials: name the number of each of the {one.units} units, blanks between them; {more} of them are new"
        )


def _taken_in(one: Stated) -> Lot | None:
    return None if one.lot == UNKNOWN else lots.take_in(one.sku, one.lot, one.expires_on)


def _number(one: Stated, more: int, run: StockImport, by: Any) -> None:
    here = Serial.objects.filter(sku=one.sku, state=SerialState.HERE).values_list("code", flat=True)
    known = {code.upper() for code in here}
    fresh = [code for code in one.serials if code.upper() not in known]
    if len(fresh) != more:
        raise Refused(f"{more} new numbers of {one.sku} are needed, {len(fresh)} are new.")
    if fresh:
        serials.take_in(one.sku, fresh, reference=run.reference, by=by)


def _spot(one: Stated, lot: Lot | None) -> Spot:
    return one.sku.pk, one.bin.pk, (lot.pk if lot else None) if one.sku.has_lots else ANY


def _pairs(rows: Sequence[Row], known: Known) -> Iterator[tuple[Sku, Bin]]:
    for row in rows:
        location, sku = known.places.get(_text(row, "location")), known.skus.get(_text(row, "sku"))
        bin = known.bins.get((location.pk, _text(row, "bin"))) if location else None
        if sku and bin:
            yield sku, bin


def _text(row: Mapping[str, str], name: str) -> str:
    return row.get(name, "").strip().upper()
