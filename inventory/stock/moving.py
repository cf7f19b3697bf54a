"""Units that change their bin and stay on hand: picking, putting back, moving, setting aside.

Where a bin holds several lots and none is named, the one that expires first goes; from staging, what the number picked.
"""

from typing import Any

from django.db import transaction

from inventory.models import Bin
from inventory.statuses import PICKABLE, BinKind, MovementKind
from inventory.stock import lotting, room
from inventory.stock.ledger import Change, Level, StockRefused, lock_levels, service_bins, write


@transaction.atomic
def pick(sku_id: int, bin_id: int, quantity: int, *, lot: int | None = None, reference: str, by: Any) -> None:
    """From a shelf to staging. The units are allocated already and stay so."""
    bin = _bin(bin_id, PICKABLE)
    staging = _service_bin(bin, BinKind.STAGING)
    _shift(sku_id, bin, staging, quantity, MovementKind.PICKED, lot=lot, reference=reference, by=by)


@transaction.atomic
def put_back(sku_id: int, bin_id: int, quantity: int, *, lot: int | None = None, reference: str, by: Any) -> None:
    """From staging to a shelf. The units stay allocated until they are released."""
    bin = _bin(bin_id, PICKABLE)
    staging = _service_bin(bin, BinKind.STAGING)
    _shift(sku_id, staging, bin, quantity, MovementKind.PUT_BACK, lot=lot, reference=reference, by=by)


@transaction.atomic
def move(
    sku_id: int,
    from_bin_id: int,
    to_bin_id: int,
    quantity: int,
    *,
    lot: int | None = None,
    anyway: str = "",
    reference: str = "",
    by: Any,
) -> None:
    """Between bins of one location that hold sellable units: putaway, re-slotting.

    A full bin refuses; `anyway` is why it takes them all the same, and stands in the ledger.
    """
    source, target = _bin(from_bin_id, PICKABLE), _bin(to_bin_id, PICKABLE)
    if source.location_id != target.location_id:
        raise StockRefused("Bins of two locations: make a transfer.")
    said = {"reason": anyway[:60], "reference": reference, "by": by}
    _shift(sku_id, source, target, quantity, MovementKind.MOVED, lot=lot, anyway=anyway, **said)


@transaction.atomic
def damage(
    sku_id: int,
    from_bin_id: int,
    quantity: int,
    *,
    lot: int | None = None,
    reason: str = "",
    reference: str = "",
    by: Any,
) -> None:
    """Set sellable units aside into quarantine. Refused for units that were promised."""
    source = _bin(from_bin_id, PICKABLE)
    target = _service_bin(source, BinKind.QUARANTINE)
    said = {"reason": reason, "reference": reference, "by": by}
    _shift(sku_id, source, target, quantity, MovementKind.DAMAGED, damaged=1, lot=lot, **said)


@transaction.atomic
def undamage(
    sku_id: int,
    to_bin_id: int,
    quantity: int,
    *,
    lot: int | None = None,
    anyway: str = "",
    reason: str = "",
    reference: str = "",
    by: Any,
) -> None:
    """Back from quarantine to a shelf, sellable again; of several lots the one that keeps longest."""
    target = _bin(to_bin_id, PICKABLE)
    source = _service_bin(target, BinKind.QUARANTINE)
    said = {"reason": (anyway or reason)[:60], "reference": reference, "by": by}
    _shift(sku_id, source, target, quantity, MovementKind.UNDAMAGED, damaged=-1, lot=lot, anyway=anyway, **said)


def _shift(
    sku_id: int,
    source: Bin,
    target: Bin,
    quantity: int,
    kind: MovementKind,
    *,
    damaged: int = 0,
    lot: int | None = None,
    anyway: str | None = None,
    reason: str = "",
    reference: str,
    by: Any,
) -> None:
    """`anyway` is None where the target's room is not asked about."""
    if quantity < 1:
        raise StockRefused("Move at least one unit.")
    level = lock_levels([(sku_id, source.location_id)]).get((sku_id, source.location_id))
    there = _there(source, sku_id, lot, reference) if level else []
    if (units := sum(n for _, n in there)) < quantity:
        raise StockRefused(f"{source} holds {units}, not {quantity}.", code="bin_short")
    if damaged > 0:
        _check_free(level, quantity)
    if anyway is not None:
        room.check(target, {sku_id: quantity}, anyway=anyway, by=by)
    write(
        [
            Change(
                level,
                kind,
                damaged=damaged * n,
                quantity=n,
                from_bin=source.pk,
                to_bin=target.pk,
                reason=reason,
                lot=piece,
            )
            for piece, n in lotting.share(there, quantity)
        ],
        reference=reference,
        by=by,
    )


def _there(source: Bin, sku_id: int, lot: int | None, reference: str) -> list[lotting.Piece]:
    pieces = lotting.held(source.pk, sku_id, lot=lot, latest=source.kind == BinKind.QUARANTINE)
    return lotting.staged(reference, sku_id, source.pk, pieces) if source.kind == BinKind.STAGING else pieces


def _check_free(level: Level, quantity: int) -> None:
    if level.free < quantity:
        raise StockRefused(
            f"Only {level.free} units are free; the others are promised. Release or re-route that work first.",
            code="promised",
        )


def _bin(bin_id: int, kinds: tuple[BinKind, ...]) -> Bin:
    bin = Bin.objects.get(pk=bin_id)
    if bin.kind not in kinds:
        raise StockRefused(f"{bin} is a {bin.get_kind_display().lower()} bin and can't be used for this.")
    return bin


def _service_bin(beside: Bin, kind: BinKind) -> Bin:
    return Bin.objects.get(pk=service_bins([beside.location_id], kind)[beside.location_id])
