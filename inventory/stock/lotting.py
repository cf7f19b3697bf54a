"""Which lots units are of: what lies in a bin, the earliest expiry first, and what was picked under a number.

A piece is (lot id, units); the lot is None for SKUs without lots and for units whose lot nobody knows.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db.models import F

from inventory.models import BinStock, StockMovement
from inventory.stock.ledger import Key

Piece = tuple[int | None, int]


def held(bin_id: int, sku_id: int, *, lot: int | None = None, latest: bool = False) -> list[Piece]:
    """What a bin holds (of one lot only with `lot`), in the order it should leave; true while the level is locked."""
    rows = BinStock.objects.filter(bin=bin_id, sku=sku_id, quantity__gt=0)
    rows = rows.filter(lot=lot) if lot else rows
    expiry = F("lot__expires_on").desc(nulls_last=True) if latest else F("lot__expires_on").asc(nulls_last=True)
    return list(rows.order_by(expiry, F("lot").asc(nulls_last=True)).values_list("lot", "quantity"))


def share(pieces: Iterable[Piece], wanted: int) -> list[Piece]:
    """The first so many units of the pieces."""
    found = []
    for lot, units in pieces:
        if taken := min(units, wanted):
            found.append((lot, taken))
            wanted -= taken
    return found


def sole(pieces: Collection[Piece]) -> int | None:
    """The lot that all of it is of: what is found beside it is taken for the same."""
    lots = {lot for lot, _ in pieces}
    return lots.pop() if len(lots) == 1 else None


def staged(reference: str, sku_id: int, bin_id: int, there: list[Piece]) -> list[Piece]:
    """What lies in staging, the lots that were picked for that number first."""
    if all(lot is None for lot, _ in there):
        return there
    mine = _under(reference, [sku_id], {bin_id}).get(sku_id, {})
    first = [(lot, min(units, mine.get(lot, 0))) for lot, units in there]
    return first + [(lot, units - min(units, mine.get(lot, 0))) for lot, units in there]


def leaving(units: Mapping[Key, int], staging: Mapping[int, int], reference: str) -> dict[Key, list[Piece]]:
    """Of what leaves under that number the pieces by key, where any has a lot."""
    rows = BinStock.objects.filter(bin__in=staging.values(), sku__in={sku for sku, _ in units}, lot__isnull=False)
    with_lots = set(rows.filter(quantity__gt=0).values_list("sku", flat=True))
    found = {}
    for (sku, location), count in units.items():
        if sku in with_lots:
            there = staged(reference, sku, staging[location], held(staging[location], sku))
            found[sku, location] = share(there, count)
    return found


def sent(reference: str, sku_id: int) -> list[Piece]:
    """What left under that number and has not come back under it."""
    rows = StockMovement.objects.filter(reference=reference, sku=sku_id).exclude(on_hand=0)
    found: dict[int | None, int] = {}
    for lot, change in rows.order_by("pk").values_list("lot", "on_hand"):
        found[lot] = found.get(lot, 0) - change
    return [(lot, units) for lot, units in found.items() if units > 0]


def _under(reference: str, sku_ids: Collection[int], bin_ids: Collection[int]) -> dict[int, dict[int | None, int]]:
    """SKU → lot → units that movements of that number left in the bins."""
    found: dict[int, dict[int | None, int]] = {}
    rows = StockMovement.objects.filter(reference=reference, sku__in=sku_ids, quantity__gt=0)
    for sku, lot, source, target, units in rows.values_list("sku", "lot", "from_bin", "to_bin", "quantity"):
        lots = found.setdefault(sku, {})
        lots[lot] = lots.get(lot, 0) + units * ((target in bin_ids) - (source in bin_ids))
    return found
