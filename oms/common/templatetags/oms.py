"""Words of every template: money, addresses, times, badges, and the hidden key that makes a form act once."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oms.common.money import Money

register = template.Library()
STEPS = ((60, 60, "min"), (3600, 24, "h"), (86400, 14, "d"))


@register.filter
def money(amount: Money | Decimal | None, currency: str = "") -> str:
    """ "1,204.50 EUR" of Money, or of a Decimal with its currency."""
    if amount is None or amount == "":
        return "–"
    return str(amount if isinstance(amount, Money) else Money(Decimal(amount), currency))


@register.filter
def address(value: Any) -> SafeString:
    """A row or a dataclass as lines of an envelope."""
    if not value:
        return format_html("–")
    postal = value.as_dataclass() if hasattr(value, "as_dataclass") else value
    return format_html_join(format_html("<br>"), "{}", ((line,) for line in postal.lines()))


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """ "12 min ago" or "in 3 h", with the exact local time in the tooltip and for machines."""
    if not moment:
        return format_html("–")
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        f"{local:%a %d %b %Y, %H:%M %Z}",
        _distance(moment),
    )


def _distance(moment: datetime) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    size = abs(seconds)
    if size < 45:
        return "just now" if seconds >= 0 else "in a moment"
    for length, most, word in STEPS:
        count = max(1, round(size / length))
        if count < most:
            return f"{count} {word} ago" if seconds >= 0 else f"in {count} {word}"
    return f"{timezone.localtime(moment):%d %b %Y}"


@register.filter
def badge(state: str, label: Any = "") -> SafeString:
    """A state as dot and word. The colour comes from the state's class, `badge-<state>`."""
    word = label or getattr(state, "label", "") or str(state).replace("_", " ").capitalize()
    return format_html('<span class="badge badge-{}">{}</span>', state, word)


@register.simple_tag
def once() -> SafeString:
    """The form's idempotency key: a double click, a bounced Enter and a retry do one thing."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid.uuid4())
