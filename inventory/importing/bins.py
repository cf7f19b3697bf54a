"""Rows of bins: location, code, zone, place in the walk, room. Only shelves can be added."""

from collections.abc import Iterator, Sequence
from typing import Any

from inventory.importing.judging import Judged, Row, Unreadable, audited, changed, failed, once, read, verdict
from inventory.models import Bin, Location, StockImport
from inventory.statuses import BinKind, RowVerdict
from oms.common import audit

FACTS = ("zone", "pick_sequence", "capacity", "litres")
COLUMNS = ("location", "bin", "kind", "sequence", "zone", "capacity", "litres")
NEEDED = ("location", "bin")


def judge(rows: Sequence[tuple[int, Row]], run: StockImport | None, user: Any) -> list[Judged]:
    places = {place.code.upper(): place for place in Location.objects.visible_to(user)}
    codes = {row.get("bin", "").strip().upper() for _, row in rows}
    bins = {(bin.location_id, bin.code.upper()): bin for bin in Bin.objects.filter(code__in=codes)}
    seen: dict[Any, int] = {}
    return [_judge(line, row, places, bins, seen) for line, row in rows]


def apply(judged: Sequence[Judged], run: StockImport, by: Any) -> None:
    Bin.objects.bulk_create(one.thing for one in judged if one.verdict == RowVerdict.CREATE)
    old = [one.thing for one in judged if one.verdict == RowVerdict.CHANGE]
    if old:
        Bin.objects.bulk_update(old, FACTS)
    audit.record_changes(audited("bin", judged), by=by)


def export(user: Any) -> Iterator[list[Any]]:
    rows = Bin.objects.filter(location__in=Location.objects.visible_to(user)).select_related("location")
    for bin in rows.order_by("location__code", "pick_sequence", "code").iterator(chunk_size=1000):
        yield [bin.location.code, bin.code, bin.kind, bin.pick_sequence, bin.zone, bin.capacity, bin.litres]


def _judge(line: int, row: Row, places: dict[str, Location], bins: dict, seen: dict[Any, int]) -> Judged:
    place, code = row.get("location", "").strip().upper(), row.get("bin", "").strip().upper()
    key = f"{place}/{code}"
    try:
        location = places.get(place)
        if location is None:
            raise Unreadable(f"location: {place[:40] or 'none'} is not one of yours")
        if not code or len(code) > 40 or set(code) & set("/\\?#% \t"):
            raise Unreadable("bin: write its code, without spaces and without / \\ ? # %")
        once(seen, key, line)
        facts = read({**row, "pick_sequence": row.get("sequence", "")}, FACTS, Bin)
        bin = bins.get((location.pk, code))
        kind = row.get("kind", "").strip().lower() or (bin.kind if bin else BinKind.SHELF)
        if kind != (bin.kind if bin else BinKind.SHELF):
            raise Unreadable(f"kind: it is {bin.kind}, and stays so" if bin else "kind: only a shelf can be added")
    except Unreadable as e:
        return failed(key, str(e))
    thing = bin or Bin(location=location, code=code)
    changes = changed(thing, facts)
    return Judged(verdict(bin is None, changes), key, changes, thing=thing)
