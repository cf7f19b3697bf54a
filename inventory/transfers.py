"""Send stock from one of our places to another: planned units are reserved, shipped ones are on their way."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from inventory import following, reservations, stock
from inventory.models import Bin, BinStock, Location, Sku, Transfer, TransferLine
from inventory.statuses import PICKABLE, TRANSFER_MOVES, MovementKind, TransferState
from inventory.stock import lotting
from inventory.stock.ledger import Change, lock_levels, write
from oms.common import cases, states
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from oms.common.numbering import next_number


class NotReceivable(Refused):
    code = "not_receivable"


@retrying
@transaction.atomic
def create(
    origin: Location,
    destination: Location,
    lines: Mapping[Sku, int],
    *,
    expected_at: datetime,
    note: str = "",
    by: Any,
) -> Transfer:
    """Plan it and reserve its units at the origin. Raises stock.Short when they are not there."""
    if not lines or any(units < 1 for units in lines.values()):
        raise Refused("Send at least one unit of at least one SKU.")
    if origin == destination:
        raise Refused("Choose two different locations.")
    transfer = Transfer.objects.create(
        number=next_number("transfer"),
        origin=origin,
        destination=destination,
        expected_at=expected_at,
        note=note,
        created_by_label=Actor.of(by).label,
    )
    TransferLine.objects.bulk_create(
        [TransferLine(transfer=transfer, sku=sku, quantity=units) for sku, units in lines.items()]
    )
    wants = {(sku.pk, origin.pk): units for sku, units in lines.items()}
    reservations.hold(transfer.number, wants, by=by)
    return transfer


@retrying
@transaction.atomic
def ship(transfer: Transfer, *, by: Any) -> Transfer:
    """All planned units leave the origin, what expires first before the others, else in walking order."""
    transfer = _locked(transfer)
    states.advance(transfer, TransferState.SHIPPED, moves=TRANSFER_MOVES)
    transfer.shipped_at = timezone.now()
    transfer.save()
    lines = list(transfer.lines.all())
    reservations.drop(transfer.number, by=by)
    levels = lock_levels([(line.sku_id, transfer.origin_id) for line in lines])
    for line in lines:
        level = levels[line.sku_id, transfer.origin_id]
        write(_leaving(level, line), reference=transfer.number, by=by)
        line.shipped = line.quantity
        line.save()
    return transfer


@retrying
@transaction.atomic
def receive(transfer: Transfer, counts: Mapping[int, int], *, bin: Bin | None = None, by: Any) -> Transfer:
    """What came, by line id; ends the transfer. Units that did not come open a case and belong to nobody's stock."""
    following.lock(transfer.pk)
    transfer = _locked(transfer)
    states.advance(transfer, TransferState.RECEIVED, moves=TRANSFER_MOVES)
    transfer.received_at = timezone.now()
    transfer.save()
    lines = list(transfer.lines.select_related("sku").order_by("pk"))
    for line in lines:
        line.received = counts.get(line.pk, line.shipped)
        if not 0 <= line.received <= line.shipped:
            raise NotReceivable(f"{line.sku}: {line.shipped} were sent, so 0 to {line.shipped} can have come.")
        line.save()
    arrived = {"bin": bin, "kind": MovementKind.TRANSFERRED_IN, "reference": transfer.number, "by": by}
    lock_levels({(line.sku_id, transfer.destination_id) for line in lines}, create=True)
    plain = [line for line in lines if not line.sku.has_lots]
    stock.receive({(line.sku_id, transfer.destination_id): line.received for line in plain}, **arrived)
    for line in lines:
        if line.sku.has_lots:
            for lot, units in lotting.share(lotting.sent(transfer.number, line.sku_id), line.received):
                stock.receive({(line.sku_id, transfer.destination_id): units}, lot=lot, **arrived)
    _report_missing(transfer, lines, by=by)
    following.ended(transfer, {line.sku_id: line.received for line in lines}, by=by)
    return transfer


@retrying
@transaction.atomic
def cancel(transfer: Transfer, *, by: Any) -> Transfer:
    """Before it left: its units can be sold again."""
    following.lock(transfer.pk)
    transfer = _locked(transfer)
    states.advance(transfer, TransferState.CANCELLED, moves=TRANSFER_MOVES)
    transfer.save()
    reservations.drop(transfer.number, by=by)
    following.ended(transfer, {}, by=by)
    return transfer


@retrying
@transaction.atomic
def change(transfer: Transfer, units: Mapping[int, int], *, by: Any) -> Transfer:
    """Before it left: so many by SKU id, never more than it carried; with none it is cancelled."""
    if not any(units.values()):
        return cancel(transfer, by=by)
    transfer = _locked(transfer)
    if transfer.state != TransferState.DRAFT:
        raise Refused(
            f"{transfer} is {transfer.get_state_display().lower()}: what it carries can't be changed any more."
        )
    for line in lock(TransferLine.objects.filter(transfer=transfer)):
        wanted = units.get(line.sku_id, 0)
        if wanted > line.quantity:
            raise Refused(f"{transfer} carries {line.quantity}, not {wanted}: plan another transfer for more.")
        line.quantity = wanted
        line.save() if wanted else line.delete()
    reservations.drop(transfer.number, by=by)
    wants = {(sku, transfer.origin_id): count for sku, count in units.items() if count}
    reservations.hold(transfer.number, wants, by=by)
    return transfer


def _locked(transfer: Transfer) -> Transfer:
    return lock(Transfer.objects.filter(pk=transfer.pk))[0]


def _leaving(level: Any, line: TransferLine) -> list[Change]:
    changes, missing = [], line.quantity
    bins = BinStock.objects.filter(
        sku=line.sku_id, bin__location=level.location_id, bin__kind__in=PICKABLE, quantity__gt=0
    ).order_by(F("lot__expires_on").asc(nulls_last=True), "bin__pick_sequence", "bin", "pk")
    for row in bins:
        units = min(row.quantity, missing)
        if units:
            changes.append(
                Change(
                    level,
                    MovementKind.TRANSFERRED_OUT,
                    on_hand=-units,
                    quantity=units,
                    from_bin=row.bin_id,
                    lot=row.lot_id,
                )
            )
        missing -= units
    if missing:
        raise Refused(f"{missing} units of {line.sku} are not in any bin of {line.transfer.origin}. Count it first.")
    return changes


def _report_missing(transfer: Transfer, lines: list[TransferLine], *, by: Any) -> None:
    missing = [f"{line.shipped - line.received} × {line.sku}" for line in lines if line.received < line.shipped]
    if missing:
        cases.open_case(
            "transfer.short",
            f"transfer:{transfer.number}",
            title=f"{transfer} arrived short",
            detail=f"Did not come: {', '.join(missing)}.",
            key=f"transfer.short:{transfer.number}",
            action_label="Open the transfer",
            action_url=transfer.get_absolute_url(),
            by=by,
        )
