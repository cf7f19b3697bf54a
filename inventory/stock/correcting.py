"""Many bins corrected at once: what a count or an import says is there."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from inventory.models import Bin, BinStock, Sku
from inventory.statuses import BinKind
from inventory.stock import lotting
from inventory.stock.ledger import Key, Level, StockRefused, lock_levels, write
from inventory.stock.quantities import adjusted

ANY = 0  # instead of a lot: whichever lies there
Place = tuple[int, int]  # sku id, bin id
Spot = tuple[int, int, int | None]  # and lot id, None for units whose lot nobody knows


@transaction.atomic
def correct(deltas: Mapping[Spot, int], *, reason: str, reference: str, by: Any) -> list[int]:
    """Units found (+) or gone (-) by (SKU, bin, lot), all or nothing: ledger rows of each, their ids in that order.

    What is found pays for what is gone at the same place. Refused when a bin holds too little, or units are promised.
    """
    deltas = {spot: delta for spot, delta in deltas.items() if delta}
    bins = {bin.pk: bin for bin in Bin.objects.filter(pk__in={bin for _, bin, _ in deltas})}
    keys = {spot: (spot[0], bins[spot[1]].location_id) for spot in deltas}
    levels = lock_levels(keys.values(), create=True)
    there = _lying(deltas)
    _check_bins(deltas, bins, there)
    _check_promises(deltas, bins, keys, levels)
    changes = [
        adjusted(levels[keys[spot]], bins[spot[1]], units, reason, lot)
        for spot, delta in deltas.items()
        for lot, units in _pieces(there.get(spot[:2], []), spot[2], delta)
    ]
    return write(changes, reference=reference, by=by)


def held(spots: Iterable[Spot]) -> dict[Spot, int]:
    """Units by (SKU, bin, lot), and of whichever lot; true for as long as the levels are locked."""
    found: dict[Spot, int] = {}
    for (sku, bin), pieces in _lying(spots).items():
        found[sku, bin, ANY] = sum(units for _, units in pieces)
        found |= {(sku, bin, lot): units for lot, units in pieces}
    return found


def _lying(spots: Iterable[Spot]) -> dict[Place, list[lotting.Piece]]:
    """The pieces in each bin, in the order they should leave, in one question."""
    spots = set(spots)
    rows = BinStock.objects.filter(sku__in={sku for sku, _, _ in spots}, bin__in={bin for _, bin, _ in spots})
    rows = rows.filter(quantity__gt=0).order_by(
        F("lot__expires_on").asc(nulls_last=True), F("lot").asc(nulls_last=True)
    )
    found: dict[Place, list[lotting.Piece]] = {}
    for sku, bin, lot, units in rows.values_list("sku", "bin", "lot", "quantity"):
        found.setdefault((sku, bin), []).append((lot, units))
    return found


def _check_bins(
    deltas: Mapping[Spot, int], bins: Mapping[int, Bin], lying: Mapping[Place, list[lotting.Piece]]
) -> None:
    for (sku, bin_id, lot), delta in deltas.items():
        bin, pieces = bins[bin_id], lying.get((sku, bin_id), [])
        there = sum(units for of, units in pieces if lot in (ANY, of))
        if bin.kind == BinKind.STAGING:
            raise StockRefused(f"{bin} holds picked units; put them back first.")
        if there < -delta:
            raise StockRefused(f"{bin} holds {there} of {_code(sku)}, not {-delta}. Count it again.", code="bin_short")


def _check_promises(
    deltas: Mapping[Spot, int], bins: Mapping[int, Bin], keys: Mapping[Spot, Key], levels: Mapping[Key, Level]
) -> None:
    net: dict[Key, int] = {}
    for spot, delta in deltas.items():
        if bins[spot[1]].kind != BinKind.QUARANTINE:
            net[keys[spot]] = net.get(keys[spot], 0) + delta
    for key, delta in net.items():
        if delta < 0 and levels[key].free < -delta:
            raise StockRefused(
                f"{_code(key[0])}: {-delta} are missing and only {levels[key].free} are free; the others are promised.",
                code="promised",
            )


def _pieces(there: list[lotting.Piece], lot: int | None, delta: int) -> list[lotting.Piece]:
    """Where no lot is named what is found is of the lot that lies there, and the one that expires first is gone."""
    if lot != ANY:
        return [(lot, delta)]
    return [(lotting.sole(there), delta)] if delta > 0 else [(lot, -n) for lot, n in lotting.share(there, -delta)]


def _code(sku_id: int) -> str:
    return Sku.objects.values_list("code", flat=True).get(pk=sku_id)
