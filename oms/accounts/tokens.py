"""API tokens: 256 random bits, of which we keep only the hash."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from oms.accounts.models import ApiToken, User
from oms.common import audit, recent
from oms.common.actors import SYSTEM

PREFIX = "oms_"
LAST_USED_STEP = timedelta(minutes=1)
BELIEVED_FOR = 1.0  # seconds that a process goes on believing in a token, its user and their role


@transaction.atomic
def issue(
    user: User,
    name: str,
    *,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    secret: str = "",
    by: Any = SYSTEM,
):
    """(token row, secret). The secret is told this once. `secret` fixes it, for the demo world only."""
    secret = secret or PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=sorted(set(scopes)),
        digest=digest(secret),
        hint=secret[-4:],
        expires_at=expires_at,
    )
    audit.record_change(f"token:{name}", {}, audit.facts(token, "name", "user", "scopes", "expires_at"), by=by)
    return token, secret


@transaction.atomic
def revoke(token: ApiToken, *, by: Any) -> None:
    """Twice is once."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        recent.forget()
        audit.record_change(f"token:{token.name}", {"revoked": False}, {"revoked": True}, verb="revoked", by=by)


def authenticate(secret: str) -> ApiToken | None:
    """The live token of this secret, its use noted (to the minute)."""
    if not secret or len(secret) > 200:
        return None
    token = _live(digest(secret))
    if token is None or not token.is_live:
        return None
    if token.last_used_at is None or token.last_used_at < timezone.now() - LAST_USED_STEP:
        token.last_used_at = timezone.now()
        token.save(update_fields=["last_used_at"])
    return token


@recent.recent(BELIEVED_FOR)
def _live(digest: str) -> ApiToken | None:
    return ApiToken.objects.live().select_related("user").filter(digest=digest).first()


def digest(secret: str) -> str:
    """Plain SHA-256 is enough: the secret is random, not chosen by a person."""
    return hashlib.sha256(secret.encode()).hexdigest()
