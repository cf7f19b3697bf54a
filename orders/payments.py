"""Facts about money that channels and people tell, and what was paid back."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.locking import lock
from oms.common.money import quantize
from orders import holds, progress, signals, timeline
from orders.models import Hold, Order, Payment
from orders.statuses import HoldType, OrderState


class PaymentRefused(Refused):
    code = "payment_refused"


@transaction.atomic
def record(
    order: Order,
    kind: str,
    amount: Decimal,
    *,
    reference: str = "",
    tender: str = "",
    at: datetime | None = None,
    by: Any,
) -> Payment:
    """Paid or authorised. The same reference again is the same fact, and counted once."""
    _lock(order)
    amount = quantize(amount, order.currency)
    if amount <= 0:
        raise PaymentRefused("A payment is more than nothing.")
    known = Payment.objects.filter(order=order, kind=kind, reference=reference).first() if reference else None
    if known:
        if known.amount != amount:
            raise PaymentRefused(f"Payment {reference} is known with {order.money(known.amount)}.")
        return known
    payment = Payment.objects.create(
        order=order, kind=kind, amount=amount, reference=reference, tender=tender, at=at or timezone.now()
    )
    if kind == Payment.Kind.PAID:
        order.paid_total += amount
    else:
        order.authorised_total += amount
    order.save(update_fields=["paid_total", "authorised_total"])
    progress.recompute(order)
    timeline.record(
        order,
        f"payment.{'received' if kind == Payment.Kind.PAID else 'authorised'}",
        by=by,
        subject=str(order.money(amount)),
        reference=reference,
        tender=tender,
    )
    _let_go(order)
    signals.tell_changed(order.pk)
    return payment


@transaction.atomic
def record_refund(order: Order, amount: Decimal, *, by: Any) -> None:
    """Money that goes back, or with a negative amount did not. Never more than was paid: a CHECK holds it, too."""
    _lock(order)
    if order.refunded_total + amount > order.paid_total:
        raise PaymentRefused(f"Only {order.refundable} of {order} can still be paid back.")
    order.refunded_total += amount
    order.save(update_fields=["refunded_total"])
    progress.recompute(order)


def _let_go(order: Order) -> None:
    """A confirmed order that waits for money goes on when all is there; one that is not confirmed is verified again."""
    covered = max(order.paid_total - order.refunded_total, order.authorised_total)
    if order.state == OrderState.CONFIRMED and covered >= order.total:
        for hold in order.holds.filter(type=HoldType.PAYMENT, state=Hold.State.ACTIVE):
            holds.resolve(hold, note="All is paid", by=SYSTEM)


def _lock(order: Order) -> None:
    lock(Order.objects.filter(pk=order.pk))
    progress.refresh(order)
