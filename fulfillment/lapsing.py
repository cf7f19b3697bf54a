"""Units promised to an order that may not be allocated for a while go back to everybody, until it is let go."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fulfillment import sourcing
from fulfillment.models import FulfillmentOrder
from fulfillment.statuses import FulfillmentOrderState
from oms.common.actors import SYSTEM
from oms.common.locking import lock, retrying
from orders import holds, timeline
from orders.models import Hold, Order
from orders.statuses import HOLD_BLOCKS, Verb

log = logging.getLogger(__name__)
AT_ONCE = 200
REASON = "held for long"


def give_back_held() -> int:
    """How many fulfilment orders gave theirs back. HOLD_KEEPS_STOCK_HOURS says after how long; 0 keeps it."""
    hours = settings.HOLD_KEEPS_STOCK_HOURS
    if not hours:
        return 0
    types = [type for type, verbs in HOLD_BLOCKS.items() if Verb.ALLOCATE in verbs]
    since = timezone.now() - timedelta(hours=hours)
    held = Hold.objects.filter(state=Hold.State.ACTIVE, type__in=types, placed_at__lt=since)
    works = FulfillmentOrder.objects.filter(state=FulfillmentOrderState.OPEN, location__isnull=False)
    found = works.filter(order__in=held.values("order")).select_related("order").order_by("pk")[:AT_ONCE]
    return sum(_give_back(work) for work in found)


@retrying
@transaction.atomic
def _give_back(work: FulfillmentOrder) -> bool:
    """Not when the hold was released, or the work begun, in this moment."""
    [order] = lock(Order.objects.filter(pk=work.order_id))
    if not holds.blocks(order, Verb.ALLOCATE):
        return False
    try:
        order, mine = sourcing.take_back(work, reason=REASON, by=SYSTEM)
    except sourcing.CannotMove:
        log.info("%s was begun and keeps its units", work)
        return False
    timeline.record(order, "fulfillment.lapsed", by=SYSTEM, subject=mine.number, location=str(mine.location))
    return True
