"""Purchases that a supplier sends straight to a customer: ordered by mail, accepted or refused, sent."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from inventory.models import PurchaseLine, PurchaseOrder, Sku, Supplier
from inventory.statuses import PURCHASE_MOVES, PURCHASES_DUE, PurchaseState
from oms.common import cases, outbox, states
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import lock
from oms.common.models import Address, OutboxMessage
from oms.common.numbering import next_number


@transaction.atomic
def order(
    supplier: Supplier, lines: Mapping[Sku, int], *, ships_to: Address, reference: str, expected_at: Any, by: Any
) -> PurchaseOrder:
    """Ordered at once, and the supplier is told by mail. The same reference again gives the same purchase."""
    if found := due(reference):
        return found
    purchase = PurchaseOrder.objects.create(
        number=next_number("purchase"),
        supplier=supplier,
        location=supplier.location,
        state=PurchaseState.ORDERED,
        expected_at=expected_at,
        ordered_at=timezone.now(),
        ships_to=ships_to,
        reference=reference,
        created_by_label=Actor.of(by).label,
    )
    PurchaseLine.objects.bulk_create(
        [PurchaseLine(purchase=purchase, sku=sku, ordered=units) for sku, units in lines.items()]
    )
    _tell(purchase, "ordered", by=by)
    return purchase


def due(reference: str) -> PurchaseOrder | None:
    """The purchase that was made for that reference and is not over."""
    return PurchaseOrder.objects.filter(reference=reference, state__in=PURCHASES_DUE).first()


@transaction.atomic
def accept(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """The supplier said yes. Quiet the second time."""
    Actor.of(by)
    purchase = locked(purchase)
    if purchase.accepted_at is None:
        purchase.accepted_at = timezone.now()
        purchase.save(update_fields=["accepted_at"])
    return purchase


@transaction.atomic
def change(purchase: PurchaseOrder, units: Mapping[int, int], *, by: Any) -> PurchaseOrder:
    """Other units by SKU id are wanted by now; with none it is cancelled. The supplier is told."""
    purchase = locked(purchase)
    lines = {line.sku_id: line for line in lock(PurchaseLine.objects.filter(purchase=purchase))}
    if {sku: line.ordered for sku, line in lines.items()} == dict(units):
        return purchase
    if not units:
        return call_off(purchase, by=by)
    for sku, line in lines.items():
        if sku not in units:
            line.delete()
    for sku, wanted in units.items():
        PurchaseLine.objects.update_or_create(purchase=purchase, sku_id=sku, defaults={"ordered": wanted})
    _tell(purchase, "changed", by=by)
    return purchase


@transaction.atomic
def call_off(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """We don't want it any more; the supplier is told."""
    purchase = refuse(purchase, by=by)
    _tell(purchase, "cancelled", by=by)
    return purchase


@transaction.atomic
def refuse(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """The supplier said no."""
    Actor.of(by)
    purchase = locked(purchase)
    states.advance(purchase, PurchaseState.CANCELLED, moves=PURCHASE_MOVES)
    purchase.save()
    return purchase


@transaction.atomic
def sent(purchase: PurchaseOrder, *, by: Any) -> PurchaseOrder:
    """It is on its way to the customer, whole."""
    Actor.of(by)
    purchase = locked(purchase)
    for line in lock(PurchaseLine.objects.filter(purchase=purchase)):
        line.received = line.ordered
        line.save(update_fields=["received"])
    states.advance(purchase, PurchaseState.RECEIVED, moves=PURCHASE_MOVES)
    purchase.accepted_at, purchase.received_at = purchase.accepted_at or timezone.now(), timezone.now()
    purchase.save()
    return purchase


def locked(purchase: PurchaseOrder) -> PurchaseOrder:
    row = lock(PurchaseOrder.objects.filter(pk=purchase.pk).select_related("supplier", "location", "ships_to"))[0]
    if row.ships_to_id is None:
        raise Refused(f"{row} comes to our own place: receive it there.")
    if row.state not in PURCHASES_DUE:
        raise Refused(f"{row} is {row.get_state_display().lower()}: nothing can be done on it any more.")
    return row


def _tell(purchase: PurchaseOrder, what: str, *, by: Any) -> None:
    """By mail with the paper, or a case for a person when there is no address."""
    if purchase.supplier.email:
        letters = OutboxMessage.objects.filter(group=purchase.number).count()
        payload = {"purchase": purchase.pk, "what": what}
        outbox.post("inventory.purchase_mail", f"purchase:{purchase.pk}:{letters}", payload, group=purchase.number)
        return
    cases.open_case(
        "purchase_by_hand",
        f"purchase:{purchase.number}",
        title=f"Tell {purchase.supplier}: {purchase} is {what}",
        detail="The supplier has no e-mail address. Send them the paper, then close this.",
        key=f"purchase_by_hand:{purchase.number}",
        action_label="Open the purchase",
        action_url=purchase.get_absolute_url(),
        sla_minutes=120,
        by=by,
    )
