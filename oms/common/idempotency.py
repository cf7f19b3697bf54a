"""Doing a thing once however often it is asked: the first result is kept for seven days and replayed.

The key's row and the work commit together, so a crash leaves either both or neither. Work that must commit in several
steps around a network call says `atomic=False` and is protected by a lease instead.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from oms.common import sql
from oms.common.errors import Refused
from oms.common.models import IdempotencyKey

KEEP = timedelta(days=7)
LEASE = timedelta(seconds=120)
WAIT_MS = 8000
State = IdempotencyKey.State


class Conflict(Refused):
    code = "idempotency_conflict"
    status = 409


class InProgress(Refused):
    code = "in_progress"
    status = 409
    retry_after = 2


def body_hash(*parts: Any) -> str:
    """A fingerprint of what was asked: bytes as they are, anything else as JSON."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def remember(
    scope: str,
    key: str,
    body_hash: str,
    produce: Callable[[], dict[str, Any] | None],
    *,
    atomic: bool = True,
    wait: bool = False,
) -> tuple[dict[str, Any] | None, bool]:
    """(result, replayed). Raises Conflict for the same key with another body, InProgress while the first is at work.

    A `produce` that raises leaves nothing behind: the key may be used again, also with a corrected body. One that gives
    None has answered without doing the thing: what it wrote stays, and the key is free for the next try.
    `wait` waits a few seconds for the first to end instead of raising InProgress at once.
    """
    if not key or len(key) > 255:
        raise Conflict("An idempotency key has 1 to 255 characters.")
    if atomic and wait:
        return _claimed_or_waited(scope, key, body_hash, produce)
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(scope=scope, key=key, body_hash=body_hash)], ignore_conflicts=True
    )
    run = _together if atomic else _leased
    return run(scope, key, body_hash, produce, wait)


def forget_old() -> int:
    return IdempotencyKey.objects.filter(created_at__lt=Now() - KEEP).delete()[0]


def _claimed_or_waited(scope: str, key: str, body_hash: str, produce: Callable) -> tuple[dict | None, bool]:
    """A new key and its work are one transaction; who comes meanwhile waits for it where the key is unique."""
    with transaction.atomic():
        pk = _claim(scope, key, body_hash)
        if pk is not None:
            result = produce()
            _finish(pk, body_hash, result)
            return result, False
        return _together(scope, key, body_hash, produce, wait=True)


CLAIM = f"""
SET LOCAL lock_timeout = {WAIT_MS};
INSERT INTO common_idempotencykey (scope, key, body_hash, state) VALUES (%s, %s, %s, 'started')
ON CONFLICT DO NOTHING RETURNING id;
SET LOCAL lock_timeout TO DEFAULT
"""  # noqa: S608  a constant number


def _claim(scope: str, key: str, body_hash: str) -> int | None:
    """The id of the new row, or None when the key is known."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [scope, key, body_hash])
            cursor.nextset()
            row = cursor.fetchone()
            return row[0] if row else None
    except OperationalError as e:
        raise _in_progress(e) from e


def _together(scope: str, key: str, body_hash: str, produce: Callable, wait: bool) -> tuple[dict | None, bool]:
    with transaction.atomic():
        row = _locked(scope, key, wait)
        if row.state == State.DONE:
            return _replay(row, body_hash), True
        result = produce()
        _finish(row.pk, body_hash, result)
    return result, False


def _leased(scope: str, key: str, body_hash: str, produce: Callable, wait: bool) -> tuple[dict | None, bool]:
    with transaction.atomic():
        row = _locked(scope, key, wait)
        if row.state == State.DONE:
            return _replay(row, body_hash), True
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        if not IdempotencyKey.objects.filter(free, pk=row.pk).update(lease_until=Now() + LEASE):
            raise InProgress("The same request is still being worked on. Try again in a moment.")
    try:
        result = produce()
    except BaseException:
        IdempotencyKey.objects.filter(pk=row.pk).update(lease_until=None)
        raise
    _finish(row.pk, body_hash, result)
    return result, False


def _locked(scope: str, key: str, wait: bool) -> IdempotencyKey:
    rows = IdempotencyKey.objects.filter(scope=scope, key=key)
    try:
        with transaction.atomic():
            if wait:
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
            row = rows.select_for_update(nowait=not wait).get()
            if wait:
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
            return row
    except OperationalError as e:
        raise _in_progress(e) from e


def _in_progress(e: OperationalError) -> Exception:
    if getattr(e.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
        return e
    return InProgress("The same request is still being worked on. Try again in a moment.")


def _replay(row: IdempotencyKey, body_hash: str) -> dict[str, Any]:
    if row.body_hash != body_hash:
        raise Conflict("This idempotency key was used for another request. Use a new key for a new request.")
    return row.result


FINISHED = sql.Statement("""
UPDATE common_idempotencykey SET state = :state, body_hash = :body_hash, result = :result::jsonb, lease_until = NULL
WHERE id = :id::bigint
""")


def _finish(pk: int, body_hash: str, result: dict[str, Any] | None) -> None:
    state = State.STARTED if result is None else State.DONE
    told = None if result is None else json.dumps(result, cls=DjangoJSONEncoder)
    FINISHED.rows(id=pk, state=str(state), body_hash=body_hash, result=told)
