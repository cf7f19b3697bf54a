"""Buy from suppliers and receive what comes, more or less or damaged."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory import lots, serials, stock
from inventory.models import Bin, Location, Lot, PurchaseLine, PurchaseOrder, Sku, Supplier
from inventory.statuses import PURCHASE_MOVES, PURCHASES_DUE, BinKind, PurchaseState
from oms.common import states
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from oms.common.numbering import next_number


class NotReceivable(Refused):
    code = "not_receivable"


@transaction.atomic
def create(
    supplier: Supplier,
    location: Location,
    lines: Mapping[Sku, int],
    *,
    expected_at: datetime,
    note: str = "",
    by: Any,
) -> PurchaseOrder:
    """A draft. Nothing counts on it until it is placed."""
    if not lines or any(units < 1 for units in lines.values()):
        raise Refused("Order at least one unit of at least one SKU.")
    if any(sku.digital or sku.is_kit for sku in lines):
        raise Refused("Digital SKUs and kits have no stock to buy. Buy the parts of a kit.")
    purchase = PurchaseOrder.objects.create(
        number=next_number("purchase"),
        supplier=supplier,
        location=location,
        expected_at=expected_at,
        note=note,
        created_by_label=Actor.of(by).label,
    )
    PurchaseLine.objects.bulk_create(
        [PurchaseLine(purchase=purchase, sku=sku, ordered=units) for sku, units in lines.items()]
    )
    return purchase


@transaction.atomic
def place(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """Ordered at the supplier: from now on it counts as supply that is due."""
    Actor.of(by)
    purchase = _advanced(purchase, PurchaseState.ORDERED)
    purchase.ordered_at = timezone.now()
    purchase.save()
    return purchase


@transaction.atomic
def cancel(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """Before anything of it came."""
    Actor.of(by)
    if purchase.ships_to_id:
        raise Refused(f"{purchase} goes straight to a customer: move or cancel {purchase.reference} instead.")
    purchase = _advanced(purchase, PurchaseState.CANCELLED)
    purchase.save()
    return purchase


@transaction.atomic
def postpone(purchase: PurchaseOrder, expected_at: datetime, *, by: Any) -> PurchaseOrder:
    """The supplier named another day."""
    Actor.of(by)
    purchase = lock(PurchaseOrder.objects.filter(pk=purchase.pk))[0]
    purchase.expected_at = expected_at
    purchase.save(update_fields=["expected_at"])
    return purchase


@retrying
@transaction.atomic
def receive(
    line: PurchaseLine,
    quantity: int,
    *,
    damaged: int = 0,
    bin: Bin | None = None,
    lot: str = "",
    expires_on: date | None = None,
    serial_codes: Collection[str] = (),
    anyway: str = "",
    by: Any,
) -> PurchaseLine:
    """`quantity` units came, `damaged` of them unsellable. More than ordered is taken in too; the page shows it.

    Of a SKU with lots all of them are of one; another lot is received by itself. `anyway` is why a full bin takes them.
    """
    purchase = lock(PurchaseOrder.objects.filter(lines=line))[0]
    line = lock(PurchaseLine.objects.filter(pk=line.pk))[0]
    if purchase.ships_to_id:
        raise NotReceivable(f"{purchase} goes straight to the customer: nothing of it comes here.")
    if purchase.state not in PURCHASES_DUE:
        raise NotReceivable(f"{purchase} is {purchase.get_state_display().lower()}: nothing is due on it.")
    if quantity < 1 or not 0 <= damaged <= quantity:
        raise NotReceivable("Receive at least one unit; damaged ones are part of them.")
    line.received += quantity
    line.damaged += damaged
    line.save()
    if purchase.state == PurchaseState.ORDERED:
        states.advance(purchase, PurchaseState.PARTIALLY_RECEIVED, moves=PURCHASE_MOVES)
    if not any(other.due for other in purchase.lines.all()):
        _complete(purchase)
    purchase.save()
    sku = Sku.objects.get(pk=line.sku_id)
    batch = lots.take_in(sku, lot, expires_on)
    lots.check(sku, batch, expires_on)
    if serial_codes and len(serial_codes) != quantity:
        raise NotReceivable(f"{len(serial_codes)} serial numbers for {quantity} units: write down one for each.")
    if serial_codes:
        serials.take_in(sku, serial_codes, reference=purchase.number, by=by)
    _take_in(purchase, line.sku_id, quantity - damaged, damaged, bin, batch, anyway, by=by)
    return line


@retrying
@transaction.atomic
def close_short(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """Nothing more will come: what is missing no longer counts as due."""
    Actor.of(by)
    purchase = lock(PurchaseOrder.objects.filter(pk=purchase.pk))[0]
    _complete(purchase)
    purchase.save()
    return purchase


def _take_in(
    purchase: PurchaseOrder,
    sku_id: int,
    good: int,
    damaged: int,
    bin: Bin | None,
    lot: Lot | None,
    why: str,
    *,
    by: Any,
) -> None:
    key, of = (sku_id, purchase.location_id), lot and lot.pk
    if damaged:
        stock.receive({key: damaged}, lot=of, reference=purchase.number, by=by)
        arrivals = purchase.location.bins.get(kind=BinKind.RECEIVING)
        said = {"reason": "arrived damaged", "reference": purchase.number, "by": by}
        stock.damage(sku_id, arrivals.pk, damaged, lot=of, **said)
    if good:
        stock.receive({key: good}, bin=bin, lot=of, anyway=why, reference=purchase.number, by=by)


def _complete(purchase: PurchaseOrder) -> None:
    states.advance(purchase, PurchaseState.RECEIVED, moves=PURCHASE_MOVES)
    purchase.received_at = timezone.now()


def _advanced(purchase: PurchaseOrder, to: PurchaseState) -> PurchaseOrder:
    purchase = lock(PurchaseOrder.objects.filter(pk=purchase.pk))[0]
    states.advance(purchase, to, moves=PURCHASE_MOVES)
    return purchase
