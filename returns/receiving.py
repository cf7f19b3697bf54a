"""Goods at the returns desk: find the return by whatever is scanned, then receive it unit by unit."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from inventory import skus
from inventory.models import Sku
from oms.common import states
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import progress, timeline
from orders.models import Order
from returns import eligibility, pieces
from returns.models import Return, ReturnLine, ReturnPiece
from returns.statuses import OPEN_STATES, RETURN_MOVES, ReturnOrderState


class NotOnThisReturn(Refused):
    code = "not_on_this_return"


class NothingReceived(Refused):
    code = "nothing_received"


@dataclass(frozen=True)
class Received:
    rma: Return
    line: ReturnLine
    piece: ReturnPiece | None = None


def find(code: str, *, user: Any) -> list[Return]:
    """Returns meant by a scanned return number, order number, outbound or return tracking number, or item.

    One that ran out may still arrive: it is found by its papers, not by an item.
    """
    code = code.strip()
    by_paper = Q(number__iexact=code) | Q(order__number__iexact=code) | Q(label__tracking_number__iexact=code)
    by_parcel = Q(order__shipments__parcels__tracking_number__iexact=code)
    visible = Return.objects.visible_to(user).select_related("order", "location")
    arriving = visible.filter(state__in=(*OPEN_STATES, ReturnOrderState.EXPIRED))
    found = list(arriving.filter(by_paper | by_parcel).distinct().order_by("-pk")[:20])
    if found:
        return found
    sku = sku_of(code)
    awaited = visible.filter(
        state__in=OPEN_STATES, lines__order_line__sku=sku, lines__received__lt=F("lines__authorised")
    )
    return list(awaited.distinct().order_by("-pk")[:20]) if sku else []


def sku_of(code: str) -> Sku | None:
    found = skus.scanned(code)
    return found[0] if found else None


@retrying
@transaction.atomic
def scan(rma: Return, code: str, *, quantity: int = 1, which: str = "", by: Any) -> Received:
    """Receive units of a scanned item. `which` is its lot or serial number, where the code does not say it.

    Raises NotOnThisReturn with what the item is and who else sends one back, and WhichOne with the lots or numbers
    that left with the order.
    """
    order, rma = _locked(rma)
    found = skus.read(code)
    sku = found.sku if found else None
    line = _line_that_wants(rma, sku, quantity) if sku else None
    if line is None:
        raise NotOnThisReturn(_explain(rma, sku, code))
    if rma.state == ReturnOrderState.EXPIRED:
        _authorise_again(rma, order, by=by)
    if rma.state != ReturnOrderState.RECEIVING:
        states.advance(rma, ReturnOrderState.RECEIVING, moves=RETURN_MOVES)
        rma.save()
        timeline.record(order, "return.arrived", by=by, subject=rma.number)
    piece = pieces.arrive(rma, line, sku, which or (found.serial if sku.has_serials else found.lot), quantity, by=by)
    line.received += quantity
    line.save()
    crash_point("return.scanned")
    return Received(rma, line, piece)


@retrying
@transaction.atomic
def unscan(line: ReturnLine, *, quantity: int = 1, which: str = "", by: Any) -> ReturnLine:
    """Take back a scan that was a mistake, of the last lot or number when none is said; inspected units stay."""
    _, rma = _locked(line.rma)
    line = lock(rma.lines.filter(pk=line.pk))[0]
    if line.received - line.accepted - line.rejected < quantity:
        raise NothingReceived("These units were inspected already.")
    pieces.go_back(line, which, quantity, by=by)
    line.received -= quantity
    line.save()
    return line


@retrying
@transaction.atomic
def finish(rma: Return, *, by: Any) -> Return:
    """The parcel is empty: what was received is all there is."""
    order, rma = _locked(rma)
    if rma.state == ReturnOrderState.RECEIVED:
        return rma
    lines = list(rma.lines.select_related("order_line"))
    if not any(line.received for line in lines):
        raise NothingReceived("Scan what arrived first, or cancel the return.")
    states.advance(rma, ReturnOrderState.RECEIVED, moves=RETURN_MOVES)
    rma.received_at = timezone.now()
    rma.save()
    received = {line.order_line.sku_code: f"{line.received} of {line.authorised}" for line in lines}
    timeline.record(order, "return.received", by=by, subject=rma.number, customer_visible=True, received=received)
    return rma


def _authorise_again(rma: Return, order: Order, *, by: Any) -> None:
    """It arrived after its time ran out: its units are spoken for again, unless another return took them."""
    units = {line.order_line_id: line.authorised for line in rma.lines.all()}
    can = {line.pk: eligibility.returnable(line) for line in order.lines.all()}
    if any(count > can[line] for line, count in units.items()):
        raise NotOnThisReturn(f"{rma} ran out, and its units are on another return of {order}. Scan that one.")
    progress.record_return_authorised(order, units, by=by)


def _line_that_wants(rma: Return, sku: Sku, quantity: int) -> ReturnLine | None:
    lines = rma.lines.filter(order_line__sku=sku).select_related("order_line").order_by("pk")
    return next((line for line in lines if line.authorised - line.received >= quantity), None)


def _explain(rma: Return, sku: Sku | None, code: str) -> str:
    if sku is None:
        return f"Unknown code {code}. Look for another barcode on the item."
    if rma.lines.filter(order_line__sku=sku).exists():
        return f"{sku.code}: every unit of this return is received already."
    other = Return.objects.filter(state__in=OPEN_STATES, lines__order_line__sku=sku).order_by("pk").first()
    hint = f" Return {other.number} expects one." if other else ""
    return f"This is {sku.code} {sku.name}; {rma.number} does not expect it.{hint}"


def _locked(rma: Return) -> tuple[Order, Return]:
    order = lock(Order.objects.filter(pk=rma.order_id))[0]
    return order, lock(Return.objects.filter(pk=rma.pk))[0]
