"""What is owed: for accepted units of a return, for cancelled ones, and for units that are only asked back yet."""

import hashlib
from decimal import Decimal

from orders.models import Order
from orders.statuses import OrderState
from returns import eligibility, shares
from returns.eligibility import Want
from returns.models import Refund, Return, ReturnPolicy
from returns.shares import Shares
from returns.statuses import RefundState

ZERO = Decimal(0)
Origin = Refund.Origin


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


def estimate(order: Order, wants: list[Want]) -> Shares:
    """What units that are asked back will be worth once they are accepted, under the policy of the order."""
    verdict = eligibility.check(order, wants)
    units = {want.line_id: want.quantity for want in wants}
    shipping = _shipping_for(verdict.policy, order, units)
    return shares.of_units(order, units, fee=verdict.fee, shipping=shipping)


def overpaid(order: Order, owed: Shares) -> Decimal:
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
