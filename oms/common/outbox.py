"""Effects outside the house: posted in the transaction of their fact, delivered later at least once, never lost.

Truth is the row; a Celery message only says "look now". Leases use the database's clock and a token, so two sweepers,
a late worker or a wrong clock do no harm. Handlers run outside any transaction of ours.
"""

import logging
import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from oms.common import cases, request_id, tasks
from oms.common.actors import SYSTEM, Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.models import OutboxMessage

log = logging.getLogger(__name__)
Handler = Callable[[OutboxMessage], None]
HANDLERS: dict[str, Handler] = {}
LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0
KEEP_DELIVERED = timedelta(days=30)
State = OutboxMessage.State
UNDELIVERED = (State.NEW, State.RETRY)


class Permanent(Exception):
    """Raised by a handler: trying again can't help."""


class Later(Exception):
    """Raised by a handler: the other side asked for a pause of so many seconds."""

    def __init__(self, seconds: float, message: str = "") -> None:
        super().__init__(message or f"asked to wait {seconds:.0f} s")
        self.seconds = seconds


class NotDead(Refused):
    code = "outbox_not_dead"


def handler(topic: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        HANDLERS[topic] = function
        return function

    return register


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


def deliver(message_id: int) -> bool:
    """Try one message now, if it is due and nobody else has it."""
    return any(_attempt(message) for message in _lease(1, only=message_id))


def drain(limit: int = 50) -> int:
    """Try due messages in batches until none is left or `limit` were tried."""
    tried = 0
    while tried < limit:
        batch = _lease(min(20, limit - tried))
        if not batch:
            break
        for message in batch:
            _attempt(message)
        tried += len(batch)
    return tried


def try_again(message: OutboxMessage, *, by: Any) -> None:
    """Give a dead message a fresh row of attempts, and close its case."""
    with transaction.atomic():
        changed = OutboxMessage.objects.filter(pk=message.pk, state=State.DEAD).update(
            state=State.RETRY, attempts=0, next_at=Now(), lease_until=None, lease_token=""
        )
        if not changed:
            raise NotDead("This message is not dead any more. Reload to see where it stands.")
        cases.resolve_case(_case_key(message), by=Actor.of(by), resolution="Tried again")
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


DUE = """
    SELECT m.id FROM common_outboxmessage m
    WHERE m.state IN ('new', 'retry') AND m.next_at <= statement_timestamp()
      AND (m.lease_until IS NULL OR m.lease_until < statement_timestamp())
      AND (%(only)s::bigint IS NULL OR m.id = %(only)s::bigint)
      AND (m."group" = '' OR NOT EXISTS (
        SELECT 1 FROM common_outboxmessage e
        WHERE e."group" = m."group" AND e.id < m.id AND e.state IN ('new', 'retry')))
    ORDER BY m.next_at, m.id FOR UPDATE OF m SKIP LOCKED LIMIT %(limit)s
"""


def _lease(limit: int, only: int | None = None) -> list[OutboxMessage]:
    """Mark due messages as ours for two minutes by the database's clock, and let go of the lock at once."""
    token = uuid.uuid4().hex
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(DUE, {"only": only, "limit": limit})
            ids = [row[0] for row in cursor.fetchall()]
        OutboxMessage.objects.filter(pk__in=ids).update(lease_until=Now() + LEASE, lease_token=token)
    return list(OutboxMessage.objects.filter(pk__in=ids).order_by("id")) if ids else []


def _attempt(message: OutboxMessage) -> bool:
    """Count the attempt first, so that a message that kills its worker is counted too. False: the lease was lost."""
    ours = OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token, state__in=UNDELIVERED)
    if not ours.filter(lease_until__gt=Now()).update(attempts=F("attempts") + 1, lease_until=Now() + LEASE):
        return False
    message.attempts += 1
    if message.attempts > MOST_ATTEMPTS:
        _bury(ours, message, message.last_error or "Every attempt ended without an answer.")
        return True
    token = request_id.begin(message.request_id)
    try:
        _handler_of(message)(message)
        crash_point("outbox.handled")
    except Permanent as e:
        _bury(ours, message, _words(e))
    except Exception as e:  # whatever a handler throws is this message's trouble, never the next one's
        log.warning("Outbox %s failed at attempt %s: %s", message, message.attempts, _words(e), exc_info=True)
        _postpone(ours, message, e)
    else:
        ours.update(state=State.DELIVERED, delivered_at=Now(), lease_until=None, last_error="")
    finally:
        request_id.end(token)
    return True


def _handler_of(message: OutboxMessage) -> Handler:
    if message.topic not in HANDLERS:
        raise Permanent(f"Nothing handles “{message.topic}”.")
    return HANDLERS[message.topic]


def _postpone(ours, message: OutboxMessage, error: Exception) -> None:
    if message.attempts >= MOST_ATTEMPTS:
        _bury(ours, message, _words(error))
        return
    seconds = error.seconds if isinstance(error, Later) else pause(message.attempts)
    ours.update(
        state=State.RETRY, next_at=Now() + timedelta(seconds=seconds), lease_until=None, last_error=_words(error)
    )


def pause(attempts: int) -> float:
    """10 s, 20 s, 40 s … an hour, ±20 % so that many failures do not come back together."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)


def _bury(ours, message: OutboxMessage, why: str) -> None:
    with transaction.atomic():
        if ours.update(state=State.DEAD, lease_until=None, last_error=why):
            cases.open_case(
                "outbox_dead",
                f"outbox:{message.pk}",
                title=f"A message could not be delivered: {message.topic}",
                detail=why,
                key=_case_key(message),
                action_label="Look and try again",
                action_url=f"/settings/outbox/{message.pk}/",
                severity="high",
                sla_minutes=120,
                by=SYSTEM,
            )


def _case_key(message: OutboxMessage) -> str:
    return f"outbox:{message.pk}"


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:1000] if not isinstance(error, Permanent) else str(error)[:1000]
