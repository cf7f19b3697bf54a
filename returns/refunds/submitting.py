"""The intent: a row with a unique key under the order's lock, with its news and its message, whatever asked for it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from oms.common import money, outbox
from oms.common.actors import SYSTEM, Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import holds, payments, timeline
from orders.models import Order
from orders.statuses import Verb
from returns import shares
from returns.models import Refund, Return
from returns.refunds import proposing
from returns.shares import Shares
from returns.statuses import RefundState

Origin = Refund.Origin
NOTHING = "nothing to pay"
ZERO = Decimal(0)


class NothingToRefund(Refused):
    code = "nothing_to_refund"


class OverCeiling(Refused):
    code = "over_ceiling"


class OverLimit(Refused):
    code = "over_limit"
    status = 403


class Held(Refused):
    code = "held"


@retrying
@transaction.atomic
def submit_return(rma: Return, *, key: str, reason: str = "", by: Any) -> Refund:
    """Refund what a return has earned. The same key again answers with the first refund.

    Units that were free, or whose fee takes all, are counted by a refund of nothing, which is over at once.
    """
    order = lock(Order.objects.filter(pk=rma.order_id))[0]
    if seen := Refund.objects.filter(key=key).first():
        return seen
    rma = lock(Return.objects.filter(pk=rma.pk))[0]
    earned = proposing.propose(rma)
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
    owed = proposing.propose_cancelled(order)
    amount = min(owed.total, proposing.overpaid(order, owed))
    if amount <= 0 and not _counts_only(order, owed):
        return None
    done = sorted((shares.given_back(order) + shares.Counter(owed.units)).items())
    key = f"cancelled:{order.pk}:{done}:{owed.shipping}"
    return Refund.objects.filter(key=key).first() or _submit(
        order, owed, key=key, origin=Origin.CANCELLATION, amount=max(amount, ZERO), reason="Cancelled", by=by
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


def give_back_cancelled(order_id: int) -> Refund | None:
    """What a worker does when an order has changed. A hold on refunds makes it wait: its release asks again."""
    order = Order.objects.get(pk=order_id)
    try:
        return submit_cancelled(order, by=SYSTEM)
    except Held:
        return None


def needs_a_lead(amount: Decimal, by: Any) -> bool:
    """Above the house's limit, and `by` is a person who may not go there. Machines have no limit."""
    can = getattr(by, "can", None)
    return bool(can) and amount > settings.OMS_REFUND_LIMIT and not can("returns.refund_over_limit")


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
    refuse(order, amount, by, units=what.units)
    refund = Refund.objects.create(
        order=order,
        rma=rma,
        key=key,
        origin=origin,
        amount=amount,
        breakdown=what.as_breakdown(),
        reason=reason[:200],
        actor_label=Actor.of(by).label,
        **({} if amount else _over()),
    )
    if not amount:
        timeline.record(order, "refund.of_nothing", by=by, subject=str(refund), reason=reason, origin=origin)
        return refund
    payments.record_refund(order, amount, by=by)
    timeline.record(order, "refund.submitted", by=by, subject=str(order.money(amount)), reason=reason, origin=origin)
    outbox.post("refund.pay", f"refund:{refund.pk}", {"refund_id": refund.pk}, group=f"order:{order.pk}")
    crash_point("refund.submitted")
    return refund


def _over() -> dict[str, Any]:
    """What a refund of nothing has at once: no money goes anywhere."""
    return {"state": RefundState.SUCCEEDED, "reference": NOTHING, "settled_at": timezone.now()}


def _counts_only(order: Order, owed: Shares) -> bool:
    """Cancelled units of an order that was paid, or free as a whole, which were free themselves."""
    return bool(owed.units) and not owed.total and (order.paid_total > 0 or not order.total)


def refuse(order: Order, amount: Decimal, by: Any, *, units: Mapping[int, int]) -> None:
    if amount < 0 or not (amount or any(units.values())):
        raise NothingToRefund("There is nothing to refund.")
    if amount > order.refundable.amount:
        raise OverCeiling(f"{order.money(amount)} is more than the {order.refundable} that can be refunded.")
    if blocking := holds.blocks(order, Verb.REFUND):
        raise Held(f"Refunds are on hold: {blocking[0].get_type_display()}.")
    if needs_a_lead(amount, by):
        raise OverLimit(f"Refunds above {order.money(settings.OMS_REFUND_LIMIT)} need a lead.")
