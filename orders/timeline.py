"""Write down what happened to an order, in the transaction of the fact."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from oms.common import request_id
from oms.common.actors import Actor
from orders.models import Order, OrderEvent


def record(
    order: Order,
    verb: str,
    *,
    by: Any,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    subject: str = "",
    customer_visible: bool = False,
    **particulars: Any,
) -> OrderEvent:
    """One event; the order's row must be locked, so that the numbers have no gap. `verb` is noun.past_participle."""
    actor = Actor.of(by)
    order.event_count += 1
    order.save(update_fields=["event_count"])
    return OrderEvent.objects.create(
        order=order,
        seq=order.event_count,
        verb=verb,
        subject=subject[:120],
        actor_kind=actor.kind,
        actor_label=actor.label[:120],
        user_id=actor.user_id,
        before=dict(before) if before else None,
        after=dict(after) if after else None,
        particulars=particulars,
        customer_visible=customer_visible,
        request_id=request_id.current(),
        at=timezone.now(),
    )
