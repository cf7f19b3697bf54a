"""Each received unit is looked at: where it goes, and whether the customer gets money for it."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory import stock
from inventory.models import Bin, BinStock, Lot
from inventory.stock import room
from oms.common import states
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import progress, timeline
from orders.models import Order
from returns import pieces
from returns.models import Inspection, Return, ReturnLine
from returns.statuses import RETURN_MOVES, Disposition, ReturnOrderState

TO_STOCK = {Disposition.RESTOCK}
SET_ASIDE = {Disposition.REFURBISH, Disposition.QUARANTINE}


class NotInspectable(Refused):
    code = "not_inspectable"


@retrying
@transaction.atomic
def inspect(
    line: ReturnLine,
    *,
    quantity: int,
    disposition: str,
    accepted: bool = True,
    bin: Bin | None = None,
    which: str = "",
    anyway: str = "",
    note: str = "",
    by: Any,
) -> Inspection:
    """Decide `quantity` received units together. Restocked units sell at once, set-aside ones are damaged stock.

    `which` is their lot or serial number, where several wait. Raises NotInspectable when fewer units wait for a
    decision, or when the lot is over and should be sold again. A full shelf refuses, but for a reason in `anyway`.
    """
    order, rma, line = _locked(line)
    waiting = line.received - line.accepted - line.rejected
    if not 0 < quantity <= waiting:
        raise NotInspectable(f"{quantity} units to decide, {waiting} received and undecided.")
    if disposition == Disposition.RETURN_TO_CUSTOMER:
        accepted = False
    piece = pieces.decide(line, which, quantity, disposition, by=by)
    row = Inspection.objects.create(
        line=line,
        quantity=quantity,
        disposition=disposition,
        piece=piece,
        accepted=accepted,
        bin=_put_away(rma, line, quantity, disposition, bin, piece.lot if piece else None, anyway, by=by),
        note=note,
        actor_label=Actor.of(by).label,
    )
    crash_point("return.put_away")
    line.accepted += quantity * accepted
    line.rejected += quantity * (not accepted)
    line.save()
    if disposition != Disposition.RETURN_TO_CUSTOMER:
        progress.record_returned(order, {line.order_line_id: quantity}, by=by)
    timeline.record(
        order,
        "return.inspected",
        by=by,
        subject=rma.number,
        sku=line.order_line.sku_code,
        quantity=quantity,
        disposition=disposition,
        accepted=accepted,
        **({"piece": str(piece)} if piece else {}),
    )
    return row


@retrying
@transaction.atomic
def close(rma: Return, *, by: Any) -> Return:
    """End a received return once every received unit is decided.

    What never came, and what was sent back to the customer, may be asked back again later.
    """
    order = lock(Order.objects.filter(pk=rma.order_id))[0]
    rma = lock(Return.objects.filter(pk=rma.pk))[0]
    if rma.state == ReturnOrderState.CLOSED:
        return rma
    lines = list(rma.lines.all())
    if any(line.received > line.accepted + line.rejected for line in lines):
        raise NotInspectable("Some received units are not decided yet.")
    states.advance(rma, ReturnOrderState.CLOSED, moves=RETURN_MOVES)
    rma.closed_at = timezone.now()
    rma.save()
    progress.record_return_authorised(order, {line.order_line_id: -_not_kept(line) for line in lines}, by=by)
    timeline.record(order, "return.closed", by=by, subject=rma.number)
    return rma


def suggest_bin(line: ReturnLine) -> Bin | None:
    """Where its SKU lies already, else the first shelf of the location."""
    return suggest_bins([line])[line.pk]


def suggest_bins(lines: Iterable[ReturnLine]) -> dict[int, Bin | None]:
    """The same for many lines, by their ids, in two queries."""
    lines = list(lines)
    shelves = Bin.objects.filter(location__in={line.rma.location_id for line in lines}, kind=Bin.Kind.SHELF)
    walked = shelves.order_by("-pick_sequence", "-pk")  # the first in the walk comes last, and stays
    first = {shelf.location_id: shelf for shelf in walked}
    there = BinStock.objects.filter(bin__in=shelves, sku__in={line.order_line.sku_id for line in lines}, quantity__gt=0)
    lies = {
        (row.bin.location_id, row.sku_id): row.bin
        for row in there.select_related("bin").order_by("-bin__pick_sequence", "-bin")
    }
    return {
        line.pk: lies.get((line.rma.location_id, line.order_line.sku_id)) or first.get(line.rma.location_id)
        for line in lines
    }


def _roomy(line: ReturnLine, quantity: int) -> Bin | None:
    """The suggested shelf, or where it is full the first with room."""
    usual = suggest_bin(line)
    fitting = [bin for bin, _ in room.fitting(line.rma.location_id, line.order_line.sku, quantity)]
    return usual if usual in fitting or not fitting else fitting[0]


def _not_kept(line: ReturnLine) -> int:
    """Units that the customer has (again)."""
    sent_back = line.inspections.filter(disposition=Disposition.RETURN_TO_CUSTOMER)
    return line.expected + sum(sent_back.values_list("quantity", flat=True))


def _put_away(
    rma: Return,
    line: ReturnLine,
    quantity: int,
    disposition: str,
    bin: Bin | None,
    lot: Lot | None,
    anyway: str,
    *,
    by: Any,
) -> Bin | None:
    sku = line.order_line.sku
    said = {"lot": lot.pk if lot else None, "reference": rma.number, "by": by}
    if disposition in TO_STOCK:
        if lot and lot.is_over:
            raise NotInspectable(f"Lot {lot} is over. Quarantine or scrap it.")
        bin = bin or _roomy(line, quantity)
        if bin is None:
            raise NotInspectable(f"{rma.location.name} has no shelf to put it on.")
        stock.restock(sku.pk, rma.location_id, bin, quantity, anyway=anyway, **said)
        return bin
    if disposition in SET_ASIDE:
        bin = Bin.objects.filter(location=rma.location, kind=Bin.Kind.QUARANTINE).order_by("pk").first()
        stock.restock(sku.pk, rma.location_id, bin, quantity, damaged=True, **said)
        return bin
    return None


def _locked(line: ReturnLine) -> tuple[Order, Return, ReturnLine]:
    order = lock(Order.objects.filter(returns__pk=line.rma_id))[0]
    rma = lock(Return.objects.filter(pk=line.rma_id))[0]
    if rma.state not in (ReturnOrderState.RECEIVING, ReturnOrderState.RECEIVED):
        raise NotInspectable("Receive the goods first.")
    return order, rma, lock(ReturnLine.objects.filter(pk=line.pk).select_related("order_line__sku"))[0]
