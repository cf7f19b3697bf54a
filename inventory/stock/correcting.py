"""Many bins corrected at once: what a count or an import says is there."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Sum

from inventory.models import Bin, BinStock, Sku
from inventory.statuses import BinKind
from inventory.stock import lotting
from inventory.stock.ledger import Key, Level, StockRefused, lock_levels, write
from inventory.stock.quantities import adjusted

Place = tuple[int, int]  # sku id, bin id


@transaction.atomic
def correct(deltas: Mapping[Place, int], *, reason: str, reference: str, by: Any) -> list[int]:
    """Units found (+) or gone (-) by (SKU, bin), all or nothing: a ledger row each (and lot), their ids in that order.

    What is found pays for what is gone at the same place. Refused when a bin holds too little, or units are promised.
    """
    deltas = {place: delta for place, delta in deltas.items() if delta}
    bins = {bin.pk: bin for bin in Bin.objects.filter(pk__in={bin for _, bin in deltas})}
    keys = {place: (place[0], bins[place[1]].location_id) for place in deltas}
    levels = lock_levels(keys.values(), create=True)
    there = _lying(deltas)
    _check_bins(deltas, bins, there)
    _check_promises(deltas, bins, keys, levels)
    changes = [
        adjusted(levels[keys[place]], bins[place[1]], units, reason, lot)
        for place, delta in deltas.items()
        for lot, units in _pieces(there.get(place, []), delta)
    ]
    return write(changes, reference=reference, by=by)


def held(places: Mapping[Place, Any]) -> dict[Place, int]:
    """Units by (SKU, bin); true for as long as the levels are locked."""
    rows = BinStock.objects.filter(sku__in={sku for sku, _ in places}, bin__in={bin for _, bin in places})
    return {(sku, bin): units for sku, bin, units in rows.values_list("sku", "bin").annotate(units=Sum("quantity"))}


def _lying(places: Mapping[Place, Any]) -> dict[Place, list[lotting.Piece]]:
    """The pieces in each bin, in the order they should leave, in one question."""
    rows = BinStock.objects.filter(sku__in={sku for sku, _ in places}, bin__in={bin for _, bin in places})
    rows = rows.filter(quantity__gt=0).order_by(
        F("lot__expires_on").asc(nulls_last=True), F("lot").asc(nulls_last=True)
    )
    found: dict[Place, list[lotting.Piece]] = {}
    for sku, bin, lot, units in rows.values_list("sku", "bin", "lot", "quantity"):
        found.setdefault((sku, bin), []).append((lot, units))
    return found


def _check_bins(
    deltas: Mapping[Place, int], bins: Mapping[int, Bin], lying: Mapping[Place, list[lotting.Piece]]
) -> None:
    for place, delta in deltas.items():
        bin, there = bins[place[1]], sum(units for _, units in lying.get(place, []))
        if bin.kind == BinKind.STAGING:
            raise StockRefused(f"{bin} holds picked units; put them back first.")
        if there < -delta:
            raise StockRefused(
                f"{bin} holds {there} of {_code(place[0])}, not {-delta}. Count it again.", code="bin_short"
            )


def _check_promises(
    deltas: Mapping[Place, int], bins: Mapping[int, Bin], keys: Mapping[Place, Key], levels: Mapping[Key, Level]
) -> None:
    net: dict[Key, int] = {}
    for place, delta in deltas.items():
        if bins[place[1]].kind != BinKind.QUARANTINE:
            net[keys[place]] = net.get(keys[place], 0) + delta
    for key, delta in net.items():
        if delta < 0 and levels[key].free < -delta:
            raise StockRefused(
                f"{_code(key[0])}: {-delta} are missing and only {levels[key].free} are free; the others are promised.",
                code="promised",
            )


def _pieces(there: list[lotting.Piece], delta: int) -> list[lotting.Piece]:
    """What is found is of the lot that lies there; of several lots the one that expires first is gone."""
    return [(lotting.sole(there), delta)] if delta > 0 else [(lot, -n) for lot, n in lotting.share(there, -delta)]


def _code(sku_id: int) -> str:
    return Sku.objects.values_list("code", flat=True).get(pk=sku_id)
