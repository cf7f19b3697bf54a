"""What comes back of SKUs with lots or serial numbers: it is one of the lots or units that left with the order."""

from collections.abc import Iterable, Mapping
from typing import Any

from fulfillment.models import FulfillmentOrder, Shipment
from inventory import lots, serials
from inventory.models import Lot, Serial, Sku
from inventory.statuses import SerialState
from oms.common.errors import Refused
from oms.common.locking import lock
from orders.models import Order
from returns.models import Inspection, Return, ReturnLine, ReturnPiece
from returns.statuses import Disposition


class WhichOne(Refused):
    """Say which lot or serial number this is."""

    code = "which_one"


class NotSentThen(Refused):
    """No unit of that lot or number left with this order."""

    code = "not_on_this_return"


def outside(order: Order, sku: Sku) -> dict[Lot | Serial, int]:
    """The order's lots or units that the customer still has; empty where nobody wrote down what left."""
    if sku.has_serials:
        return dict.fromkeys(_units_outside(order, sku), 1)
    return _lots_outside(order, sku) if sku.has_lots else {}


def arrive(rma: Return, line: ReturnLine, sku: Sku, said: str, units: int, *, by: Any) -> ReturnPiece | None:
    """Book what arrived under its lot or number. The only lot there is need not be said."""
    if not (sku.has_lots or sku.has_serials):
        return None
    can = outside(rma.order, sku)
    which = _meant(sku, can, said, units)
    if which is None:
        return None
    if can and can[which] < units:
        raise NotSentThen(f"Only {can[which]} of {which} are still with the customer of {rma.order}.")
    if sku.has_serials:
        serials.come_back(which, reference=rma.number, by=by)
    return _piece(line, which, units)


def go_back(line: ReturnLine, said: str, units: int, *, by: Any) -> None:
    """A scan was a mistake: the piece of that name, else the last that was begun."""
    waiting = [piece for piece in _locked(line) if piece.undecided]
    open_ = [piece for piece in waiting if piece.undecided >= units]
    named = [piece for piece in open_ if piece.code.upper() == said.strip().upper()]
    piece = next(iter(named if said else open_[::-1]), None)
    if said and piece is None:
        raise NotSentThen(f"{units} of {said} wait here no longer.")
    if piece is None and _unknown(line, waiting) < units:
        raise WhichOne(f"Take back one lot or number at a time. {_told(waiting)}")
    if piece is None:
        return
    piece.received -= units
    _leave(piece, str(line.rma), by=by)
    if piece.received:
        piece.save()
    else:
        piece.delete()


def decide(line: ReturnLine, said: str, units: int, disposition: str, *, by: Any) -> ReturnPiece | None:
    """The piece that is looked at. Must be said where several wait; none for units whose lot nobody knows."""
    waiting = [piece for piece in _locked(line) if piece.undecided]
    named = [piece for piece in waiting if not said or piece.code.upper() == said.strip().upper()]
    if said and not named:
        raise WhichOne(f"{said} does not wait here. {_told(waiting)}")
    if not said and _unknown(line, waiting) >= units:
        return None
    if not named:
        raise WhichOne(f"Decide one lot or number at a time. {_told(waiting)}")
    if len(named) > 1:
        raise WhichOne(f"Several wait: say which one this is. {_told(waiting)}")
    piece = named[0]
    if piece.undecided < units:
        raise WhichOne(f"{units} units to decide, {piece.undecided} of {piece} wait. {_told(waiting)}")
    piece.decided += units
    piece.save()
    if disposition == Disposition.SCRAP:
        _leave(piece, f"{line.rma}, scrapped", by=by)
    elif disposition == Disposition.RETURN_TO_CUSTOMER:
        _leave(piece, str(line.rma), by=by)
    return piece


def _meant(sku: Sku, can: Mapping[Lot | Serial, int], said: str, units: int) -> Lot | Serial | None:
    if sku.has_serials and units != 1:
        raise WhichOne(f"{sku.code} is kept by serial number: receive one unit at a time.")
    if said:
        return _named(sku, can, said)
    if sku.has_lots and len(can) <= 1:
        return next(iter(can), None)
    what = "lot" if sku.has_lots else "serial number"
    which = ", ".join(f"{which} ({n})" if sku.has_lots else str(which) for which, n in can.items())
    raise WhichOne(
        f"{sku.code} is kept by {what}: say which one this is. With the customer: {which or 'none that is known'}.",
        choices=[str(which) for which in can],
    )


def _named(sku: Sku, can: Mapping[Lot | Serial, int], said: str) -> Lot | Serial | None:
    said = said.strip()
    if sku.has_lots and not can:
        return Lot.objects.filter(sku=sku, code__iexact=said).first()
    found = next((which for which in can if str(which).upper() == said.upper()), None)
    if found is None:
        what = "Lot" if sku.has_lots else "Serial number"
        raise NotSentThen(
            f"{what} {said} of {sku.code} did not leave with this order, or is back already. Look at it again. "
            f"With the customer: {', '.join(map(str, can)) or 'none'}.",
        )
    return found


def _lots_outside(order: Order, sku: Sku) -> dict[Lot, int]:
    """What left under its work, less what its returns took in and did not send back."""
    sent = lots.sent(FulfillmentOrder.objects.filter(order=order).values_list("number", flat=True), sku)
    pieces = ReturnPiece.objects.filter(line__rma__order=order, line__order_line__sku=sku, lot__isnull=False)
    for piece in pieces.select_related("lot"):
        sent[piece.lot] = sent.get(piece.lot, 0) - piece.received
    again = Inspection.objects.filter(piece__in=pieces, disposition=Disposition.RETURN_TO_CUSTOMER)
    for row in again.select_related("piece__lot"):
        sent[row.piece.lot] += row.quantity
    return {lot: units for lot, units in sent.items() if units > 0}


def _units_outside(order: Order, sku: Sku) -> list[Serial]:
    papers = {*Shipment.objects.filter(order=order).values_list("number", flat=True)}
    papers |= {*Return.objects.filter(order=order).values_list("number", flat=True)}
    gone = Serial.objects.filter(sku=sku, state=SerialState.GONE, reference__in=papers)
    return list(gone.order_by("code"))


def _piece(line: ReturnLine, which: Lot | Serial, units: int) -> ReturnPiece:
    named = {"serial": which} if isinstance(which, Serial) else {"lot": which}
    piece, _ = ReturnPiece.objects.get_or_create(line=line, **named)
    piece.received += units
    piece.save()
    return piece


def _locked(line: ReturnLine) -> list[ReturnPiece]:
    return list(lock(line.pieces.order_by("pk")))


def _leave(piece: ReturnPiece, reference: str, *, by: Any) -> None:
    """A numbered unit is out of the house again."""
    if piece.serial_id:
        serials.leave([piece.serial], reference=reference, by=by)


def _unknown(line: ReturnLine, waiting: Iterable[ReturnPiece]) -> int:
    """Units that wait and whose lot nobody wrote down."""
    return line.undecided - sum(piece.undecided for piece in waiting)


def _told(waiting: Iterable[ReturnPiece]) -> str:
    words = ", ".join(f"{piece} ({piece.undecided})" for piece in waiting)
    return f"Waiting: {words}." if words else ""
