"""Rows of SKUs with their barcodes: `401234 4056789*12` is two codes, the second of a carton of twelve."""

from collections.abc import Iterator, Sequence
from typing import Any

from inventory.importing.judging import Judged, Row, Unreadable, audited, changed, failed, once, read, verdict
from inventory.models import Barcode, Sku, StockImport
from inventory.statuses import RowVerdict
from oms.common import audit
from oms.common.numbers import whole

FACTS = ("name", "price", "currency", "weight_g", "length_mm", "width_mm", "height_mm", "digital", "returnable")
FACTS += ("active", "hazmat_class", "un_number", "ships_alone", "fragile", "this_side_up", "hs_code", "origin_country")
COLUMNS = ("code", *FACTS, "barcodes")
NEEDED = ("code",)
WRONG_IN_A_CODE = set("/\\?#% \t")


def judge(rows: Sequence[tuple[int, Row]], run: StockImport | None, user: Any) -> list[Judged]:
    codes = {row.get("code", "").strip().upper() for _, row in rows}
    known = {sku.code.upper(): sku for sku in Sku.objects.filter(code__in=codes).prefetch_related("barcodes")}
    wanted = {code for _, row in rows for code in _split(row.get("barcodes", ""))}
    owners = dict(Barcode.objects.filter(code__in=wanted).values_list("code", "sku__code"))
    seen: dict[Any, int] = {}
    return [_judge(line, row, known, owners, seen) for line, row in rows]


def apply(judged: Sequence[Judged], run: StockImport, by: Any) -> None:
    """All of them in a handful of statements, each with its row in the audit."""
    new = [one.thing for one in judged if one.verdict == RowVerdict.CREATE]
    old = [one.thing for one in judged if one.verdict == RowVerdict.CHANGE]
    Sku.objects.bulk_create(new)
    if old:
        Sku.objects.bulk_update(old, FACTS)
    _set_barcodes([one.thing for one in judged if "barcodes" in one.changes])
    audit.record_changes(audited("sku", judged), by=by)


def export(user: Any) -> Iterator[list[Any]]:
    rows = Sku.objects.visible_to(user).prefetch_related("barcodes").order_by("code")
    for sku in rows.iterator(chunk_size=1000):
        facts = [_cell(getattr(sku, name)) for name in FACTS]
        yield [sku.code, *facts, _joined({one.code: one.quantity for one in sku.barcodes.all()})]


def _judge(line: int, row: Row, known: dict[str, Sku], owners: dict[str, str], seen: dict[Any, int]) -> Judged:
    code = row.get("code", "").strip().upper()
    try:
        if not code or len(code) > 80 or set(code) & WRONG_IN_A_CODE or code == "NEW":
            raise Unreadable("code: write one, without spaces and without / \\ ? # %")
        once(seen, code, line)
        facts = read(row, FACTS, Sku)
        if "currency" in facts:
            facts["currency"] = facts["currency"].upper()
        barcodes = _barcodes(row.get("barcodes", ""), code, owners, seen, line)
        sku = known.get(code)
        if sku is None and "name" not in facts:
            raise Unreadable("name: a new SKU needs one")
    except Unreadable as e:
        return failed(code, str(e))
    thing = sku or Sku(code=code)
    changes = changed(thing, facts) | _barcode_change(thing, barcodes)
    return Judged(verdict(sku is None, changes), code, changes, thing=thing)


def _split(text: str) -> dict[str, str]:
    return {code: units or "1" for code, _, units in (part.partition("*") for part in text.split())}


def _barcodes(text: str, code: str, owners: dict[str, str], seen: dict[Any, int], line: int) -> dict[str, int]:
    found = {}
    for barcode, units in _split(text).items():
        many = whole(units, digits=7)
        if not many or len(barcode) > 80:
            raise Unreadable(f"barcodes: {barcode[:30]}: a carton's units come after *, 1 or more")
        if owners.get(barcode, code).upper() != code:
            raise Unreadable(f"barcodes: {barcode} belongs to {owners[barcode]}")
        once(seen, ("barcode", barcode), line)
        found[barcode] = many
    return found


def _barcode_change(sku: Sku, barcodes: dict[str, int]) -> dict[str, list[Any]]:
    """An empty cell leaves what there is."""
    before = {one.code: one.quantity for one in sku.barcodes.all()} if sku.pk else {}
    sku.wanted_barcodes = barcodes
    return {} if not barcodes or before == barcodes else {"barcodes": [_joined(before), _joined(barcodes)]}


def _set_barcodes(skus: list[Sku]) -> None:
    Barcode.objects.filter(sku__in=skus).delete()
    Barcode.objects.bulk_create(
        Barcode(sku=sku, code=code, quantity=units) for sku in skus for code, units in sku.wanted_barcodes.items()
    )


def _joined(barcodes: dict[str, int]) -> str:
    return " ".join(f"{code}*{units}" if units > 1 else code for code, units in sorted(barcodes.items()))


def _cell(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value
