"""Units that come in, are found or lost, or come back, and the way to take a mistake back."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from inventory.models import Bin, StockLevel, StockMovement
from inventory.statuses import PICKABLE, UNDOABLE, BinKind, MovementKind
from inventory.stock import lotting, room
from inventory.stock.ledger import (
    Change,
    Key,
    Level,
    StockRefused,
    announce,
    lock_levels,
    service_bins,
    write,
)
from oms.common import audit


@transaction.atomic
def receive(
    units: Mapping[Key, int],
    *,
    reference: str,
    by: Any,
    bin: Bin | None = None,
    lot: int | None = None,
    kind: MovementKind = MovementKind.RECEIVED,
    anyway: str = "",
) -> None:
    """New units, sellable at once, into the receiving bin of their location or into `bin`; all of one lot.

    A full bin refuses; `anyway` is why it takes them all the same, and stands in the ledger.
    """
    units = {key: n for key, n in units.items() if n > 0}
    levels = lock_levels(units, create=True)
    arrivals = service_bins({location for _, location in units}, BinKind.RECEIVING)
    if bin and (bin.kind not in PICKABLE or any(location != bin.location_id for _, location in units)):
        raise StockRefused(f"{bin} is not a bin to receive into here.")
    if bin:
        room.check(bin, {sku: n for (sku, _), n in units.items()}, anyway=anyway, by=by)
    said = {"lot": lot, "reason": anyway[:60]}
    write(
        [
            Change(levels[key], kind, on_hand=n, quantity=n, to_bin=bin.pk if bin else arrivals[key[1]], **said)
            for key, n in units.items()
        ],
        reference=reference,
        by=by,
    )


@transaction.atomic
def restock(
    sku_id: int,
    location_id: int,
    bin: Bin,
    quantity: int,
    *,
    damaged: bool = False,
    lot: int | None = None,
    anyway: str = "",
    reference: str,
    by: Any,
) -> None:
    """Units that came back from a customer: sellable on a shelf, or damaged into quarantine."""
    if bin.location_id != location_id or bin.kind not in ((BinKind.QUARANTINE,) if damaged else PICKABLE):
        raise StockRefused(f"{bin} is not a bin for {'damaged' if damaged else 'sellable'} units of this location.")
    key = (sku_id, location_id)
    level = lock_levels([key], create=True)[key]
    if not damaged:
        room.check(bin, {sku_id: quantity}, anyway=anyway, by=by)
    write(
        [
            Change(
                level,
                MovementKind.RETURNED,
                on_hand=quantity,
                damaged=quantity if damaged else 0,
                quantity=quantity,
                to_bin=bin.pk,
                lot=lot,
                reason=anyway[:60],
            )
        ],
        reference=reference,
        by=by,
    )


@transaction.atomic
def adjust(
    sku_id: int, bin_id: int, delta: int, *, lot: int | None = None, reason: str, reference: str = "", by: Any
) -> int:
    """Units found (+) or gone (-) in a bin; the id of the (first) ledger row, by which it can be undone.

    Of several lots there the one that expires first is gone. Refused when the units are not in the bin, or were
    promised: release that work first.
    """
    return _adjust(sku_id, bin_id, delta, lot=lot, reason=reason, reference=reference, by=by)


@transaction.atomic
def undo(movement_id: int, *, by: Any) -> int:
    """Compensate an adjustment or a move by its opposite, once. The ledger keeps both."""
    row = StockMovement.objects.select_related("from_bin", "to_bin").get(pk=movement_id)
    if row.kind not in UNDOABLE or row.undoes_id:
        raise StockRefused("Only adjustments and moves can be undone.")
    key = (row.sku_id, row.location_id)
    level = lock_levels([key])[key]
    if StockMovement.objects.filter(undoes=row).exists():
        raise StockRefused("This was undone already.", code="undone")
    if row.to_bin_id and _of_lot(row.to_bin_id, row.sku_id, row.lot_id) < row.quantity:
        raise StockRefused(f"{row.to_bin} no longer holds these {row.quantity} units.", code="bin_short")
    if -row.on_hand + row.damaged < 0 and level.free < row.on_hand - row.damaged:
        raise StockRefused("These units are promised by now. Release that work first.", code="promised")
    change = Change(
        level,
        row.kind,
        on_hand=-row.on_hand,
        damaged=-row.damaged,
        quantity=row.quantity,
        from_bin=row.to_bin_id,
        to_bin=row.from_bin_id,
        reason=f"undo: {row.reason}"[:60].rstrip(": "),
        undoes=row.pk,
        lot=row.lot_id,
    )
    return write([change], reference=row.reference, by=by)[0]


@transaction.atomic
def set_safety(sku_id: int, location_id: int, units: int, *, by: Any) -> None:
    """Units to keep out of sale at a location."""
    key = (sku_id, location_id)
    level = lock_levels([key], create=True)[key]
    StockLevel.objects.filter(pk=level.id).update(safety=units)
    audit.record_change(f"stock:{sku_id}@{location_id}", {"safety": level.safety}, {"safety": units}, by=by)
    announce([Change(level, MovementKind.ADJUSTED, on_hand=level.safety - units)])


def _of_lot(bin_id: int, sku_id: int, lot: int | None) -> int:
    return dict(lotting.held(bin_id, sku_id)).get(lot, 0)


def _adjust(sku_id: int, bin_id: int, delta: int, *, lot: int | None, reason: str, reference: str, by: Any) -> int:
    bin = Bin.objects.get(pk=bin_id)
    key = (sku_id, bin.location_id)
    level = lock_levels([key], create=True)[key]
    damaged = delta if bin.kind == BinKind.QUARANTINE else 0
    if delta == 0:
        raise StockRefused("A change of nothing is none.")
    if bin.kind == BinKind.STAGING:
        raise StockRefused(f"{bin} holds picked units; put them back first.")
    there = lotting.held(bin.pk, sku_id, lot=lot)
    if delta < 0 and (units := sum(n for _, n in there)) < -delta:
        raise StockRefused(f"{bin} holds {units}, not {-delta}.", code="bin_short")
    if delta < 0 and not damaged and level.free < -delta:
        raise StockRefused(
            f"Only {level.free} units are free; the others are promised. Release or re-route that work first.",
            code="promised",
        )
    pieces = [(lot or lotting.sole(there), delta)] if delta > 0 else lotting.share(there, -delta)
    return write(
        [adjusted(level, bin, n if delta > 0 else -n, reason, of) for of, n in pieces], reference=reference, by=by
    )[0]


def adjusted(level: Level, bin: Bin, delta: int, reason: str, lot: int | None) -> Change:
    """Found or gone, of one lot; in quarantine it is damaged units that change."""
    return Change(
        level,
        MovementKind.ADJUSTED,
        on_hand=delta,
        damaged=delta if bin.kind == BinKind.QUARANTINE else 0,
        quantity=abs(delta),
        from_bin=bin.pk if delta < 0 else None,
        to_bin=bin.pk if delta > 0 else None,
        reason=reason,
        lot=lot,
    )
