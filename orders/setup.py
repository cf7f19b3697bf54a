"""Set up where orders come from and the rules they meet. Every change is kept with who made it."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from oms.common import audit
from orders import risk
from orders.models import Channel, PromoCode, RiskRule

CHANNEL_FACTS = ("code", "name", "kind", "currency", "config", "active")
PROMO_FACTS = ("code", "kind", "value", "currency", "minimum", "starts_at", "ends_at", "usage_limit")
PROMO_FACTS += ("per_customer_limit", "active")
RULE_FACTS = ("name", "fact", "operator", "value", "points", "active", "position")


@transaction.atomic
def save_channel(channel: Channel, *, config: Mapping[str, Any], secret: str = "", by: Any) -> Channel:
    """A new secret leaves the one before it valid until the next; an empty one changes nothing."""
    before = _stored(channel, CHANNEL_FACTS)
    channel.token = channel.token or secrets.token_urlsafe(32)
    channel.config = {**channel.config, **config}
    if secret:
        _replace_secret(channel, secret)
    channel.save()
    after = audit.facts(channel, *CHANNEL_FACTS) | ({"secret_replaced": True} if secret else {})
    audit.record_change(f"channel:{channel.code}", before, after, by=by)
    return channel


@transaction.atomic
def rotate_secret(channel: Channel, *, by: Any) -> str:
    """The new secret, told this once."""
    fresh = secrets.token_urlsafe(32)
    _replace_secret(channel, fresh)
    channel.save(update_fields=["credentials"])
    audit.record_change(f"channel:{channel.code}", {}, {"secret_replaced": True}, by=by)
    return fresh


@transaction.atomic
def save_promo(promo: PromoCode, *, by: Any) -> PromoCode:
    before = _stored(promo, PROMO_FACTS)
    promo.code = promo.code.strip().upper()
    promo.save()
    audit.record_change(f"promo:{promo.code}", before, audit.facts(promo, *PROMO_FACTS), by=by)
    return promo


@transaction.atomic
def save_rule(rule: RiskRule, *, by: Any) -> RiskRule:
    """Raises Invalid for a rule that could never be asked."""
    risk.check_rule(rule)
    before = _stored(rule, RULE_FACTS)
    rule.save()
    audit.record_change(f"risk_rule:{rule.pk}", before, audit.facts(rule, *RULE_FACTS), by=by)
    return rule


@transaction.atomic
def delete_rule(rule: RiskRule, *, by: Any) -> None:
    audit.record_change(f"risk_rule:{rule.pk}", audit.facts(rule, *RULE_FACTS), {}, by=by)
    rule.delete()


def _replace_secret(channel: Channel, fresh: str) -> None:
    channel.credentials = {"secret": fresh, "previous_secret": channel.credentials.get("secret", "")}


def _stored(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    old = type(row).objects.filter(pk=row.pk).first() if row.pk else None
    return audit.facts(old, *names) if old else {}
