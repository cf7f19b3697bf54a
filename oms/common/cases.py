"""Things that a person must decide. One unresolved case a key; the same trouble again is counted on it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.models import ExceptionCase

State = ExceptionCase.State


class CaseClosed(Refused):
    code = "case_closed"


def open_case(
    kind: str,
    subject: str,
    *,
    title: str,
    detail: str = "",
    key: str,
    action_label: str = "",
    action_url: str = "",
    severity: str = "normal",
    sla_minutes: int | None = None,
    by: Any,
) -> ExceptionCase:
    """Open it, or count it on the unresolved case of this key (with the newest detail; its clock keeps running)."""
    now = timezone.now()
    told = {
        "title": title[:200],
        "detail": detail,
        "action_label": action_label,
        "action_url": action_url,
        "severity": severity,
    }
    for _ in range(3):
        try:
            with transaction.atomic():
                return _seen_again(key, told, now) or ExceptionCase.objects.create(
                    kind=kind,
                    subject=subject,
                    key=key,
                    due_at=now + timedelta(minutes=sla_minutes) if sla_minutes else None,
                    opened_at=now,
                    last_seen_at=now,
                    opened_by_label=Actor.of(by).label,
                    **told,
                )
        except IntegrityError:
            continue  # somebody opened it in this moment
    raise RuntimeError(f"case {key} opens and closes faster than it can be read")


def _seen_again(key: str, told: dict[str, str], now: datetime) -> ExceptionCase | None:
    case = ExceptionCase.objects.unresolved().select_for_update(no_key=True).filter(key=key).first()
    if case:
        for name, value in told.items():
            setattr(case, name, value)
        case.occurrences += 1
        case.last_seen_at = now
        case.save()
    return case


def resolve_case(key: str, *, by: Any, resolution: str = "") -> bool:
    """Close the unresolved case of this key. Quiet when there is none."""
    changed = (
        ExceptionCase.objects.unresolved()
        .filter(key=key)
        .update(
            state=State.RESOLVED,
            resolved_at=timezone.now(),
            resolved_by_label=Actor.of(by).label,
            resolution=resolution,
        )
    )
    return bool(changed)


def assign(case: ExceptionCase, owner: Any, *, by: Any) -> None:
    """`owner` is a User or None."""
    Actor.of(by)
    _change(case, owner=owner)


def snooze(case: ExceptionCase, until: datetime, *, reason: str, by: Any) -> None:
    Actor.of(by)
    _change(case, state=State.SNOOZED, snoozed_until=until, snooze_reason=reason)


def wake(case: ExceptionCase, *, by: Any) -> None:
    Actor.of(by)
    _change(case, state=State.OPEN, snoozed_until=None, snooze_reason="")


def _change(case: ExceptionCase, **values: Any) -> None:
    if not ExceptionCase.objects.unresolved().filter(pk=case.pk).update(**values):
        raise CaseClosed("Somebody has resolved this case already.")
    case.refresh_from_db()
