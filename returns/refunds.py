"""Money back, once: the intent is a row with a unique key under the order's lock, paid out by the outbox afterwards."""

import hashlib
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from oms.common import cases, money, outbox, states
from oms.common.actors import SYSTEM, Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from oms.common.models import OutboxMessage
from orders import documents, holds, notifications, payments, timeline
from orders.models import Order
from orders.statuses import OrderState, Verb
from returns import eligibility, shares
from returns.eligibility import Want
from returns.models import Refund, Return, ReturnPolicy
from returns.shares import Shares
from returns.statuses import REFUND_MOVES, RefundState

ZERO = Decimal(0)
Origin = Refund.Origin


class NothingToRefund(Refused):
    code = "nothing_to_refund"


class OverCeiling(Refused):
    code = "over_ceiling"


class OverLimit(Refused):
    code = "over_limit"
    status = 403


class Held(Refused):
    code = "held"


def propose(rma: Return) -> Shares:
    """What the accepted, not yet refunded units of a return are worth, less the policy's fee (once a return)."""
    order = rma.order
    units = {
        line.order_line_id: line.accepted - line.refunded for line in rma.lines.all() if line.accepted > line.refunded
    }
    first = not rma.refunds.exclude(state=RefundState.FAILED).exists()
    free = rma.policy and all(line.reason in rma.policy.free_reasons for line in rma.lines.all())
    fee = rma.policy.fee if rma.policy and first and not free and units else ZERO
    return shares.of_units(order, units, fee=fee, shipping=_shipping_for(rma.policy, order, units))


def key_of(rma: Return) -> str:
    """Names the units accepted so far: two people who pay them out at once make one refund."""
    units = ",".join(f"{line.pk}x{line.accepted}" for line in rma.lines.order_by("pk"))
    failed = rma.refunds.filter(state=RefundState.FAILED).count()
    return f"return:{rma.number}:{hashlib.sha256(units.encode()).hexdigest()[:24]}:{failed}"


def propose_cancelled(order: Order) -> Shares:
    """What cancelled units are worth that no refund speaks of yet; shipping too when nothing will be sent."""
    told = shares.given_back(order, origin=Origin.CANCELLATION)
    units = {line.pk: line.cancelled - told[line.pk] for line in order.lines.all() if line.cancelled > told[line.pk]}
    shipping = ZERO
    if order.state == OrderState.CANCELLED:
        shipping = order.shipping_total - shares.recorded(order, "shipping")
    return shares.of_units(order, units, shipping=shipping)


@retrying
@transaction.atomic
def submit_return(rma: Return, *, key: str, reason: str = "", by: Any) -> Refund:
    """Refund what a return has earned. The same key again answers with the first refund."""
    order = lock(Order.objects.filter(pk=rma.order_id))[0]
    if seen := Refund.objects.filter(key=key).first():
        return seen
    rma = lock(Return.objects.filter(pk=rma.pk))[0]
    earned = propose(rma)
    refund = _submit(order, earned, key=key, origin=Origin.RETURN, rma=rma, reason=reason or rma.number, by=by)
    for line in rma.lines.all():
        line.refunded += earned.units.get(line.order_line_id, 0)
        line.save(update_fields=["refunded"])
    return refund


@retrying
@transaction.atomic
def submit_cancelled(order: Order, *, by: Any) -> Refund | None:
    """Give back what was paid for cancelled units. Quiet when nothing is owed; safe to run twice."""
    order = lock(Order.objects.filter(pk=order.pk))[0]
    owed = propose_cancelled(order)
    amount = min(owed.total, _overpaid(order, owed))
    if amount <= 0:
        return None
    done = sorted((shares.given_back(order) + shares.Counter(owed.units)).items())
    key = f"cancelled:{order.pk}:{done}:{owed.shipping}"
    return Refund.objects.filter(key=key).first() or _submit(
        order, owed, key=key, origin=Origin.CANCELLATION, amount=amount, reason="Cancelled", by=by
    )


@retrying
@transaction.atomic
def submit_amount(order: Order, amount: Decimal, *, key: str, reason: str, by: Any) -> Refund:
    """A sum by hand, up to what was paid and not yet given back. The same key again answers with the first refund."""
    order = lock(Order.objects.filter(pk=order.pk))[0]
    if seen := Refund.objects.filter(key=key).first():
        return seen
    if amount != money.quantize(amount, order.currency) or amount <= 0:
        raise NothingToRefund(f"{amount} is not an amount in {order.currency}.")
    return _submit(
        order, Shares(order.currency, {}), amount=amount, key=key, origin=Origin.MANUAL, reason=reason, by=by
    )


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


def _submit(
    order: Order,
    what: Shares,
    *,
    key: str,
    origin: str,
    reason: str,
    by: Any,
    amount: Decimal | None = None,
    rma: Return | None = None,
) -> Refund:
    amount = what.total if amount is None else amount
    _refuse(order, amount, by)
    refund = Refund.objects.create(
        order=order,
        rma=rma,
        key=key,
        origin=origin,
        amount=amount,
        breakdown=what.as_breakdown(),
        reason=reason[:200],
        actor_label=Actor.of(by).label,
    )
    payments.record_refund(order, amount, by=by)
    timeline.record(order, "refund.submitted", by=by, subject=str(order.money(amount)), reason=reason, origin=origin)
    outbox.post("refund.pay", f"refund:{refund.pk}", {"refund_id": refund.pk}, group=f"order:{order.pk}")
    crash_point("refund.submitted")
    return refund


def _refuse(order: Order, amount: Decimal, by: Any) -> None:
    if amount <= 0:
        raise NothingToRefund("There is nothing to refund.")
    if amount > order.refundable.amount:
        raise OverCeiling(f"{order.money(amount)} is more than the {order.refundable} that can be refunded.")
    if blocking := holds.blocks(order, Verb.REFUND):
        raise Held(f"Refunds are on hold: {blocking[0].get_type_display()}.")
    if needs_a_lead(amount, by):
        raise OverLimit(f"Refunds above {order.money(settings.OMS_REFUND_LIMIT)} need a lead.")


def _overpaid(order: Order, owed: Shares) -> Decimal:
    """Paid and not given back, beyond what the customer keeps once `owed` is given back too; fees kept are ours."""
    worth = shares.worth(order, shares.given_back(order) + shares.Counter(owed.units))
    keeps = order.total - worth - shares.recorded(order, "shipping") - owed.shipping
    return order.paid_total - order.refunded_total - shares.recorded(order, "fee") - max(ZERO, keeps)


def _shipping_for(policy: ReturnPolicy | None, order: Order, units: dict[int, int]) -> Decimal:
    """The shipping charge comes back with the last unit of the order where the policy says so."""
    if not (policy and policy.refund_shipping and units):
        return ZERO
    back = shares.given_back(order) + shares.Counter(units)
    whole = all(back[line.pk] >= line.ordered for line in order.lines.all())
    return order.shipping_total - shares.recorded(order, "shipping") if whole else ZERO


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


@retrying
@transaction.atomic
def try_again(refund_id: int, *, by: Any) -> Refund:
    """Pay a failed refund out after all: it counts again, and goes the same way again. Refused when no longer owed."""
    order = lock(Order.objects.filter(refunds=refund_id))[0]
    refund = lock(Refund.objects.filter(pk=refund_id))[0]
    if refund.state in (RefundState.PENDING, RefundState.SUBMITTED):
        return refund
    states.advance(refund, RefundState.PENDING, moves=REFUND_MOVES)
    _refuse(order, refund.amount, by)
    _speak_for_units(order, refund)
    refund.failure = ""
    refund.save()
    payments.record_refund(order, refund.amount, by=by)
    timeline.record(order, "refund.submitted", by=by, subject=str(order.money(refund.amount)), reason="tried again")
    tries = OutboxMessage.objects.filter(key__startswith=f"refund:{refund.pk}:").count() + 1
    outbox.post("refund.pay", f"refund:{refund.pk}:{tries}", {"refund_id": refund.pk}, group=f"order:{order.pk}")
    cases.resolve_case(f"refund:{refund.pk}", by=by, resolution="Tried again")
    return refund


def needs_a_lead(amount: Decimal, by: Any) -> bool:
    """Above the house's limit, and `by` is a person who may not go there. Machines have no limit."""
    can = getattr(by, "can", None)
    return bool(can) and amount > settings.OMS_REFUND_LIMIT and not can("returns.refund_over_limit")


def estimate(order: Order, wants: list[Want]) -> Shares:
    """What units that are asked back will be worth once they are accepted, under the policy of the order."""
    verdict = eligibility.check(order, wants)
    units = {want.line_id: want.quantity for want in wants}
    shipping = _shipping_for(verdict.policy, order, units)
    return shares.of_units(order, units, fee=verdict.fee, shipping=shipping)


def give_back_cancelled(order_id: int) -> Refund | None:
    """What a worker does when an order has changed. A hold on refunds makes it wait: its release asks again."""
    order = Order.objects.get(pk=order_id)
    try:
        return submit_cancelled(order, by=SYSTEM)
    except Held:
        return None


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
