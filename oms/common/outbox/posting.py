"""The sender's side: post a message with its fact, try a dead one again, and how long the oldest has waited."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from oms.common import cases, request_id, tasks
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.models import OutboxMessage

KEEP_DELIVERED = timedelta(days=30)
State = OutboxMessage.State
UNDELIVERED = (State.NEW, State.RETRY)


class NotDead(Refused):
    code = "outbox_not_dead"


def post(topic: str, key: str, payload: dict[str, Any], *, group: str = "", delay: float = 0) -> OutboxMessage:
    """Store a message with the caller's transaction. The same key again is no news: the first row is returned."""
    message = OutboxMessage(topic=topic, key=key, payload=payload, group=group, request_id=request_id.current())
    if delay:
        message.next_at = Now() + timedelta(seconds=delay)
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    stored = OutboxMessage.objects.get(key=key)
    if not delay:
        tasks.hint(tasks.deliver, message_id=stored.pk)
    return stored


def try_again(message: OutboxMessage, *, by: Any) -> None:
    """Give a dead message a fresh row of attempts, and close its case."""
    with transaction.atomic():
        changed = OutboxMessage.objects.filter(pk=message.pk, state=State.DEAD).update(
            state=State.RETRY, attempts=0, next_at=Now(), lease_until=None, lease_token=""
        )
        if not changed:
            raise NotDead("This message is not dead any more. Reload to see where it stands.")
        cases.resolve_case(case_key(message), by=Actor.of(by), resolution="Tried again")
        tasks.hint(tasks.deliver, message_id=message.pk)


def oldest_waiting_seconds() -> float:
    """Age of the oldest message that is due and undelivered: the alarm figure."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(EXTRACT(EPOCH FROM now() - MIN(next_at)), 0) FROM common_outboxmessage"
            " WHERE state IN ('new', 'retry') AND next_at <= now()"
        )
        return float(cursor.fetchone()[0])


def forget_delivered() -> int:
    old = OutboxMessage.objects.filter(state=State.DELIVERED, delivered_at__lt=Now() - KEEP_DELIVERED)
    return old.delete()[0]


def case_key(message: OutboxMessage) -> str:
    return f"outbox:{message.pk}"
