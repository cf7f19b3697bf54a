"""Background work of orders. A task fetches by id and calls one verb; the sweep finds what a lost hint left."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from oms.common.tasks import hint
from orders import importing, inbound, verification
from orders.models import InboundMessage, Order
from orders.statuses import HoldState, InboundState, OrderState

log = logging.getLogger(__name__)
LEFT_ALONE = timedelta(seconds=20)
AT_ONCE = 200
LOST_AFTER = timedelta(minutes=2)


@shared_task
def verify(*, order_id: int, **_: object) -> None:
    verification.verify(order_id)


@shared_task
def read_message(*, message_id: int, **_: object) -> None:
    inbound.process(message_id)


@shared_task
def import_orders(*, run_id: int, **_: object) -> None:
    importing.take_in(run_id)


@shared_task
def sweep(**_: object) -> int:
    """Orders nobody verified, messages nobody read and imports that stopped half way."""
    before = timezone.now() - LEFT_ALONE
    waiting = Order.objects.filter(state=OrderState.RECEIVED, hold_state=HoldState.NONE, received_at__lt=before)
    orders = list(waiting.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    _each(verification.verify, orders)
    unread = InboundMessage.objects.filter(
        state__in=(InboundState.NEW, InboundState.FAILED), received_at__lt=before, attempts__lt=inbound.MOST_ATTEMPTS
    )
    messages = list(unread.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    _each(inbound.process, messages)
    for pk in importing.stalled(timezone.now() - LOST_AFTER):
        hint(import_orders, run_id=pk)
    return len(orders) + len(messages)


def _each(verb: Callable[[int], object], ids: Iterable[int]) -> None:
    """One that fails does not keep the others waiting; it is loud in the log and tried at the next sweep."""
    for pk in ids:
        try:
            verb(pk)
        except Exception:
            log.exception("%s of %s failed; the next sweep tries again", verb.__name__, pk)
