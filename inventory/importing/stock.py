"""Rows of stock: so many units of a SKU in a bin. The difference to the books goes to the ledger."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Sum

from inventory import stock
from inventory.importing.judging import Judged, Row, Unreadable, failed, once, whole
from inventory.models import Bin, BinStock, Location, Sku, StockImport
from inventory.statuses import COUNTABLE, ImportMode, RowVerdict, Tracks
from inventory.stock.correcting import Place, held
from inventory.stock.ledger import lock_levels

COLUMNS = ("location", "bin", "sku", "units")
NEEDED = COLUMNS


def judge(rows: Sequence[tuple[int, Row]], run: StockImport, user: Any) -> list[Judged]:
    places = {place.code.upper(): place for place in Location.objects.visible_to(user)}
    skus = {sku.code.upper(): sku for sku in Sku.objects.filter(code__in={_text(row, "sku") for _, row in rows})}
    found = Bin.objects.filter(code__in={_text(row, "bin") for _, row in rows}, location__in=places.values())
    bins = {(bin.location_id, bin.code.upper()): bin for bin in found}
    there = held({(sku.pk, bin.pk): 0 for sku, bin in _pairs(rows, places, bins, skus)})
    seen: dict[Any, int] = {}
    return [_judge(line, row, run, places, bins, skus, there, seen) for line, row in rows]


def apply(judged: Sequence[Judged], run: StockImport, by: Any) -> None:
    """Under the levels' locks the difference is taken anew, so that nothing that moved meanwhile is lost."""
    wanted: dict[Place, tuple[int, int]] = {one.thing[0]: one.thing[1:] for one in judged}
    lock_levels({(sku, location) for (sku, _), (location, _) in wanted.items()}, create=True)
    there = held(wanted) if run.mode == ImportMode.SET else {}
    deltas = {place: units - there.get(place, 0) for place, (_, units) in wanted.items()}
    stock.correct(deltas, reason=run.reason, reference=run.reference, by=by)


def export(user: Any) -> Iterator[list[Any]]:
    rows = BinStock.objects.filter(
        bin__location__in=Location.objects.visible_to(user), bin__kind__in=COUNTABLE, quantity__gt=0
    )
    rows = rows.values_list("bin__location__code", "bin__code", "sku__code").annotate(units=Sum("quantity"))
    for row in rows.order_by("bin__location__code", "bin__pick_sequence", "bin__code", "sku__code").iterator(1000):
        yield list(row)


def _judge(
    line: int,
    row: Row,
    run: StockImport,
    places: dict[str, Location],
    bins: dict[tuple[int, str], Bin],
    skus: dict[str, Sku],
    there: dict[Place, int],
    seen: dict[Any, int],
) -> Judged:
    key = f"{_text(row, 'location')}/{_text(row, 'bin')}/{_text(row, 'sku')}"
    try:
        location, bin, sku = _meant(row, places, bins, skus)
        once(seen, key, line)
        units = whole(row, "units")
    except Unreadable as e:
        return failed(key, str(e))
    place = (sku.pk, bin.pk)
    before = there.get(place, 0)
    after = units if run.mode == ImportMode.SET else before + units
    changes = {"units": [before, after]} if after != before else {}
    return Judged(RowVerdict.CHANGE if changes else RowVerdict.SAME, key, changes, thing=(place, location.pk, units))


def _meant(row: Row, places: dict, bins: dict, skus: dict) -> tuple[Location, Bin, Sku]:
    location, sku = places.get(_text(row, "location")), skus.get(_text(row, "sku"))
    if location is None:
        raise Unreadable(f"location: {_text(row, 'location')[:40] or 'none'} is not one of yours")
    bin = bins.get((location.pk, _text(row, "bin")))
    if bin is None or bin.kind not in COUNTABLE:
        raise Unreadable(f"bin: {_text(row, 'bin')[:40] or 'none'} is no bin for stock at {location}")
    if sku is None or sku.digital or sku.is_kit:
        raise Unreadable(f"sku: {_text(row, 'sku')[:80] or 'none'} is not a SKU with stock")
    if sku.tracks != Tracks.NONE:
        raise Unreadable(f"sku: {sku} is kept by {sku.get_tracks_display().lower()}; receive or adjust it on its page")
    return location, bin, sku


def _pairs(rows: Sequence[tuple[int, Row]], places: dict, bins: dict, skus: dict) -> Iterator[tuple[Sku, Bin]]:
    for _, row in rows:
        location, sku = places.get(_text(row, "location")), skus.get(_text(row, "sku"))
        bin = bins.get((location.pk, _text(row, "bin"))) if location else None
        if sku and bin:
            yield sku, bin


def _text(row: Row, name: str) -> str:
    return row.get(name, "").strip().upper()
