"""Changes of settings, channels, carriers, rules and roles, with who and from what to what."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from oms.common import request_id
from oms.common.actors import Actor
from oms.common.models import ConfigChange

MASK = "••••"
SECRET_WORDS = ("password", "secret", "token", "credential", "api_key", "private_key")


def record_change(
    subject: Any, before: dict | None, after: dict | None, *, verb: str = "", by: Any
) -> ConfigChange | None:
    """One row in the caller's transaction; nothing when nothing changed. Secrets are masked by their names.

    `subject` is a model instance or text such as "channel:web".
    """
    rows = record_changes([(subject, before, after)], verb=verb, by=by)
    return rows[0] if rows else None


def record_changes(
    changes: Iterable[tuple[Any, dict | None, dict | None]], *, verb: str = "", by: Any
) -> list[ConfigChange]:
    """The same for many at once, in one statement: (subject, before, after) each."""
    actor = Actor.of(by)
    return ConfigChange.objects.bulk_create(
        ConfigChange(
            subject=_label(subject),
            verb=verb or _verb(before, after),
            actor_kind=actor.kind,
            actor_label=actor.label,
            user_id=actor.user_id,
            before=_masked(before),
            after=_masked(after, against=before),
            request_id=request_id.current(),
        )
        for subject, before, after in changes
        if before != after
    )


def facts(obj: models.Model, *names: str) -> dict[str, Any]:
    """The named attributes as JSON can hold them: what to pass as before and after."""
    return {name: _plain(getattr(obj, name)) for name in names}


def _verb(before: dict | None, after: dict | None) -> str:
    if not before:
        return "created"
    return "changed" if after else "removed"


def _label(subject: Any) -> str:
    if isinstance(subject, models.Model):
        return f"{subject._meta.model_name}:{subject}"[:120]
    return str(subject)[:120]


def _masked(side: dict | None, against: dict | None = None) -> dict | None:
    if side is None:
        return None
    return {name: _mask(name, value, against or {}) for name, value in side.items()}


def _mask(name: str, value: Any, against: dict) -> Any:
    if not value or not any(word in name.lower() for word in SECRET_WORDS):
        return _plain(value)
    return f"{MASK} (new)" if name in against and against[name] != value else MASK


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
