"""What workers do for us at carriers. Each handler is safe to run again: it reads where the row stands first."""

from django.utils import timezone

from carriers import labels, manifests
from carriers.labels.asking import BUY, VOID
from carriers.models import Label
from carriers.providers.base import CarrierError
from oms.common import outbox
from oms.common.models import OutboxMessage


@outbox.handler(BUY)
def buy(message: OutboxMessage) -> None:
    label = labels.buy(message.payload["label"])
    if label.is_unsettled:
        raise outbox.Later(_seconds_until(label), label.problem)


@outbox.handler(VOID)
def void(message: OutboxMessage) -> None:
    _do(labels.take_back, message.payload["label"])


@outbox.handler(manifests.CLOSE)
def close(message: OutboxMessage) -> None:
    _do(manifests.tell_carrier, message.payload["manifest"])


def _do(verb, pk: int) -> None:
    try:
        verb(pk)
    except CarrierError as e:
        if e.retry_after:
            raise outbox.Later(e.retry_after, str(e)) from e
        raise


def _seconds_until(label: Label) -> float:
    """Until its pause is over, or until whoever has it must be done."""
    now = timezone.now()
    until = max(filter(None, (label.retry_at, label.lease_until)), default=now)
    return max((until - now).total_seconds(), 1.0)
