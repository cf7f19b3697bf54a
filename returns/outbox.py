"""Refunds on their way to whoever pays them out."""

from oms.common import outbox
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.models import OutboxMessage
from orders.channels import outbound
from returns import refunds
from returns.models import Refund
from returns.statuses import RefundState


@outbox.handler("refund.pay")
def pay(message: OutboxMessage) -> None:
    """A channel that is told of refunds pays them out itself; any other refund waits for a person's reference."""
    refund = Refund.objects.select_related("order__channel").get(pk=message.payload["refund_id"])
    if refund.state != RefundState.PENDING:
        return
    if outbound.is_told(refund.order):
        outbound.announce_refund(refund.order, refund.amount, reference=f"R-{refund.pk}")
        crash_point("refund.announced")
        refunds.settle(refund.pk, reference=f"{refund.order.channel.code} R-{refund.pk}", by=SYSTEM)
    else:
        refunds.hand_to_a_person(refund.pk)
