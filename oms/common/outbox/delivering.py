"""The worker's side: lease due messages by the batch, hand each to its handler, and write down what became of them.

Leasing counts the attempt, so that a message that kills its worker is counted too. Whoever has failed before is leased
alone, so that a poisonous one takes nobody along.
"""

import json
import logging
import random
import time
import uuid
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from oms.common import cases, request_id, sql
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.models import OutboxMessage
from oms.common.outbox.handling import HANDLERS, Handler, Later, Permanent
from oms.common.outbox.posting import UNDELIVERED, State, case_key

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
BATCH = 200
FAILED_EVERY = 10  # batches
FIELDS = ("id", "topic", "key", "payload", "group", "state", "attempts", "lease_token", "last_error", "request_id")
HOLD = 5.0  # seconds of work on one batch; what is left of it then goes back to everybody
TELL = 0.1  # seconds until what was delivered is written down, all at once
MOST_ATTEMPTS = 12
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0

LEASED = sql.Statement("""
WITH due AS MATERIALIZED (
    SELECT m.id FROM common_outboxmessage m
    WHERE m.state IN ('new', 'retry') AND m.next_at <= statement_timestamp()
      AND (m.lease_until IS NULL OR m.lease_until < statement_timestamp())
      AND (:only::bigint IS NULL OR m.id = :only) AND (m.attempts > 0) = :failed
      AND (m."group" = '' OR NOT EXISTS (
        SELECT 1 FROM common_outboxmessage e
        WHERE e."group" = m."group" AND e.id < m.id AND e.state IN ('new', 'retry')))
    ORDER BY m.next_at, m.id FOR UPDATE OF m SKIP LOCKED LIMIT :most::int)
UPDATE common_outboxmessage m
SET lease_until = statement_timestamp() + :lease::interval, lease_token = :token, attempts = m.attempts + 1
FROM due WHERE m.id = due.id
RETURNING m.id, m.topic, m.key, m.payload::text, m."group", m.state, m.attempts, m.lease_token, m.last_error,
          m.request_id
""")
DELIVERED = sql.Statement("""
UPDATE common_outboxmessage
SET state = 'delivered', delivered_at = statement_timestamp(), lease_until = NULL, last_error = ''
WHERE id = ANY(:ids::bigint[]) AND lease_token = :token AND state IN ('new', 'retry')
""")
RELEASED = sql.Statement("""
UPDATE common_outboxmessage SET lease_until = NULL, attempts = attempts - 1
WHERE id = ANY(:ids::bigint[]) AND lease_token = :token AND state IN ('new', 'retry')
""")


def deliver(message_id: int) -> bool:
    """Try one message now, if it is due and nobody else has it."""
    began = time.monotonic()
    return bool(_work_off(_lease(1, only=message_id), began))


def drain(limit: int = 50) -> int:
    """Try due messages in batches until none is left or `limit` were tried; after every tenth one that had failed."""
    tried = turn = 0
    while tried < limit:
        began = time.monotonic()
        batch = _lease(min(BATCH, limit - tried), failed_first=turn % FAILED_EVERY == 0)
        if not batch:
            break
        tried, turn = tried + _work_off(batch, began), turn + 1
    return tried


def pause(attempts: int) -> float:
    """10 s, 20 s, 40 s … an hour, ±20 % so that many failures do not come back together."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)


def _lease(limit: int, only: int | None = None, *, failed_first: bool = True) -> list[OutboxMessage]:
    """Due messages, ours for two minutes by the database's clock; one that has failed before comes alone."""
    token, asked = uuid.uuid4().hex, [(True, 1), (False, limit)]
    for failed, most in asked if failed_first else reversed(asked):
        rows = LEASED.rows(only=only, failed=failed, most=most, lease=f"{LEASE.seconds} seconds", token=token)
        if rows:
            return sorted(map(_message, rows), key=lambda message: message.pk)
    return []


def _message(row: tuple) -> OutboxMessage:
    pk, topic, key, payload, *rest = row
    return OutboxMessage.from_db(connection.alias, FIELDS, (pk, topic, key, json.loads(payload), *rest))


def _work_off(batch: list[OutboxMessage], began: float) -> int:
    """How many were tried. Delivered ones are written down together, within a moment of the first."""
    told, tried, done = time.monotonic(), 0, []
    for message in batch:
        if time.monotonic() - began > HOLD:
            _write_down(RELEASED, batch[tried:])
            break
        tried += 1
        if _attempt(message):
            done.append(message)
        if time.monotonic() - told > TELL:
            _write_down(DELIVERED, done)
            told, done = time.monotonic(), []
    _write_down(DELIVERED, done)
    return tried


def _write_down(statement: sql.Statement, messages: list[OutboxMessage]) -> None:
    if messages:
        statement.rows(ids=[message.pk for message in messages], token=messages[0].lease_token)


def _attempt(message: OutboxMessage) -> bool:
    """Was it handled? What went wrong is written down at once."""
    if message.attempts > MOST_ATTEMPTS:
        _bury(message, message.last_error or "Every attempt ended without an answer.")
        return False
    token = request_id.begin(message.request_id or f"outbox-{message.pk}")
    try:
        _handler_of(message)(message)
        crash_point("outbox.handled")
    except Permanent as e:
        _bury(message, _words(e))
    except Exception as e:  # whatever a handler throws is this message's trouble, never the next one's
        log.warning("Outbox %s failed at attempt %s: %s", message, message.attempts, _words(e), exc_info=True)
        _postpone(message, e)
    else:
        return True
    finally:
        request_id.end(token)
    return False


def _ours(message: OutboxMessage) -> QuerySet:
    """The message as long as the lease is ours."""
    return OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token, state__in=UNDELIVERED)


def _handler_of(message: OutboxMessage) -> Handler:
    if message.topic not in HANDLERS:
        raise Permanent(f"Nothing handles “{message.topic}”.")
    return HANDLERS[message.topic]


def _postpone(message: OutboxMessage, error: Exception) -> None:
    if message.attempts >= MOST_ATTEMPTS:
        _bury(message, _words(error))
        return
    seconds = error.seconds if isinstance(error, Later) else pause(message.attempts)
    _ours(message).update(
        state=State.RETRY, next_at=Now() + timedelta(seconds=seconds), lease_until=None, last_error=_words(error)
    )


def _bury(message: OutboxMessage, why: str) -> None:
    with transaction.atomic():
        if _ours(message).update(state=State.DEAD, lease_until=None, last_error=why):
            cases.open_case(
                "outbox_dead",
                f"outbox:{message.pk}",
                title=f"A message could not be delivered: {message.topic}",
                detail=why,
                key=case_key(message),
                action_label="Look and try again",
                action_url=f"/settings/outbox/{message.pk}/",
                severity="high",
                sla_minutes=120,
                by=SYSTEM,
            )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:1000] if not isinstance(error, Permanent) else str(error)[:1000]
