"""What became of the intent: paid out, failed, tried again, or handed to a person."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from oms.common import cases, outbox, states
from oms.common.actors import SYSTEM
from oms.common.locking import lock, retrying
from oms.common.models import OutboxMessage
from orders import documents, notifications, payments, timeline
from orders.models import Order
from returns import shares
from returns.models import Refund
from returns.refunds.submitting import NothingToRefund, refuse
from returns.statuses import REFUND_MOVES, RefundState


@retrying
@transaction.atomic
def settle(refund_id: int, *, reference: str, by: Any) -> Refund:
    """The payment side has paid it out: the credit note is issued and the customer told. Quiet the second time."""
    order = lock(Order.objects.filter(refunds=refund_id))[0]
    refund = lock(Refund.objects.filter(pk=refund_id))[0]
    if refund.state == RefundState.SUCCEEDED:
        return refund
    states.advance(refund, RefundState.SUCCEEDED, moves=REFUND_MOVES)
    refund.reference, refund.settled_at = reference, timezone.now()
    refund.save()
    documents.credit_note(order, key=f"refund:{refund.pk}", amount=refund.amount, breakdown=refund.breakdown, by=by)
    paid_out = str(order.money(refund.amount))
    timeline.record(order, "refund.paid", by=by, subject=paid_out, customer_visible=True, reference=reference)
    notifications.queue(order, "refund", key=f"refund:{refund.pk}", amount=paid_out)
    cases.resolve_case(f"refund:{refund.pk}", by=by, resolution="Paid out")
    return refund


@retrying
@transaction.atomic
def fail(refund_id: int, *, why: str, by: Any = SYSTEM) -> Refund:
    """The payment side refuses: the amount is free again and a person decides."""
    order = lock(Order.objects.filter(refunds=refund_id))[0]
    refund = lock(Refund.objects.filter(pk=refund_id))[0]
    if refund.state in (RefundState.FAILED, RefundState.SUCCEEDED):
        return refund
    states.advance(refund, RefundState.FAILED, moves=REFUND_MOVES)
    refund.failure = why[:300]
    refund.save()
    payments.record_refund(order, -refund.amount, by=by)
    _take_back_units(refund)
    cases.resolve_case(f"refund:{refund.pk}", by=by, resolution="It failed")
    timeline.record(order, "refund.failed", by=by, subject=str(order.money(refund.amount)), why=why)
    cases.open_case(
        "refund_failed",
        f"order:{order.number}",
        title=f"Refund of {order.money(refund.amount)} for {order.number} failed",
        detail=why,
        key=f"refund:{refund.pk}",
        action_label="Open the refund",
        action_url=f"/refunds/{refund.pk}/",
        severity="high",
        sla_minutes=240,
        by=by,
    )
    return refund


@retrying
@transaction.atomic
def try_again(refund_id: int, *, by: Any) -> Refund:
    """Pay a failed refund out after all: it counts again, and goes the same way again. Refused when no longer owed."""
    order = lock(Order.objects.filter(refunds=refund_id))[0]
    refund = lock(Refund.objects.filter(pk=refund_id))[0]
    if refund.state in (RefundState.PENDING, RefundState.SUBMITTED):
        return refund
    states.advance(refund, RefundState.PENDING, moves=REFUND_MOVES)
    refuse(order, refund.amount, by, units=_units(refund))
    _speak_for_units(order, refund)
    refund.failure = ""
    refund.save()
    payments.record_refund(order, refund.amount, by=by)
    timeline.record(order, "refund.submitted", by=by, subject=str(order.money(refund.amount)), reason="tried again")
    tries = OutboxMessage.objects.filter(key__startswith=f"refund:{refund.pk}:").count() + 1
    outbox.post("refund.pay", f"refund:{refund.pk}:{tries}", {"refund_id": refund.pk}, group=f"order:{order.pk}")
    cases.resolve_case(f"refund:{refund.pk}", by=by, resolution="Tried again")
    return refund


@retrying
@transaction.atomic
def hand_to_a_person(refund_id: int) -> Refund:
    """Nobody pays it out by machine: it stands in a queue until somebody has, and says by which reference."""
    order = lock(Order.objects.filter(refunds=refund_id))[0]
    refund = lock(Refund.objects.filter(pk=refund_id))[0]
    if refund.state != RefundState.PENDING:
        return refund
    states.advance(refund, RefundState.SUBMITTED, moves=REFUND_MOVES)
    refund.save()
    cases.open_case(
        "refund_to_pay",
        f"order:{order.number}",
        title=f"Pay {order.money(refund.amount)} back for {order.number}",
        detail=refund.reason,
        key=f"refund:{refund.pk}",
        action_label="Open the refund",
        action_url=f"/refunds/{refund.pk}/",
        sla_minutes=48 * 60,
        by=SYSTEM,
    )
    return refund


def _units(refund: Refund) -> dict[int, int]:
    return {int(line): units for line, units in refund.breakdown.get("units", {}).items()}


def _take_back_units(refund: Refund) -> None:
    if refund.rma_id:
        for line in refund.rma.lines.all():
            line.refunded -= _units(refund).get(line.order_line_id, 0)
            line.save(update_fields=["refunded"])


def _speak_for_units(order: Order, refund: Refund) -> None:
    """Its units may have been refunded otherwise since it failed."""
    units = _units(refund)
    spoken = shares.given_back(order)
    if any(spoken[line.pk] + units.get(line.pk, 0) > line.ordered for line in order.lines.all()):
        raise NothingToRefund("Its units were refunded otherwise in the meantime.")
    lines = lock(refund.rma.lines.all()) if refund.rma_id else []
    for line in lines:
        count = units.get(line.order_line_id, 0)
        if count > line.unrefunded:
            raise NothingToRefund("Its units were refunded otherwise in the meantime.")
        line.refunded += count
        line.save(update_fields=["refunded"])
