"""Words of every template: money, addresses, times, badges, and the hidden key that makes a form act once."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from oms.common.money import Money

register = template.Library()
DASH, NEW_LINE = mark_safe("–"), mark_safe("<br>")
STEPS = ((60, 60, "min"), (3600, 24, "h"), (86400, 14, "d"))
# The one palette of states: a word of any room to the colour of its pill. Words missing here are idle grey.
TONES = {
    "ok": "shipped delivered completed packed ready_for_pickup paid captured done succeeded processed "
    "imported handed_over closed active healthy matched filled bought printed resolved honoured collected restock "
    "agreed posted live",
    "info": "confirmed allocated released in_progress picking picked partially_allocated partially_shipped sealed "
    "partially_delivered authorised labelled in_transit out_for_delivery running submitted claimed receiving requested "
    "checking preview editing sent received asked partially_returned",
    "warn": "held on_hold backordered waiting unpaid partially_paid overpaid pending retry late due low expired paused "
    "unknown delayed refurbish quarantine new attention partially_refunded exception recount differs review",
    "bad": "failed refused short dead lost damaged overdue critical breached error declined too_late scrap "
    "returned_to_sender undeliverable",
    "idle": "dropped draft cancelled voided none abandoned undone open unallocated refunded returned inactive past",
}
TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()}


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
        return DASH
    postal = value.as_dataclass() if hasattr(value, "as_dataclass") else value
    return format_html_join(NEW_LINE, "{}", ((line,) for line in postal.lines()))


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """ "12 min ago" or "in 3 h", with the exact local time in the tooltip and for machines."""
    if not moment:
        return DASH
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
def tone(state: Any) -> str:
    """ok, info, warn, bad or idle: the state's own `tone` when it has one, else that of its word."""
    return getattr(state, "tone", "") or TONE_OF.get(str(state).lower(), "idle")


@register.filter
def badge(state: Any, label: Any = "") -> SafeString:
    """A state as dot and word, in the colour of its tone."""
    word = label or getattr(state, "label", "") or str(state).replace("_", " ").capitalize()
    return format_html('<span class="badge" data-tone="{}">{}</span>', tone(state), word)


@register.simple_tag
def pill(state: Any, label: Any = "") -> SafeString:
    """The same as a tag: {% pill order.state order.get_state_display %}."""
    return badge(state, label)


@register.filter
def copyable(text: Any) -> SafeString:
    """A number or code that a click copies."""
    return format_html('<button class="copy" type="button" data-copy title="Copy">{}</button>', text) if text else "–"


@register.filter
def at(moment: datetime | None) -> SafeString:
    """ "24 Nov, 15:04" in local time."""
    if not moment:
        return DASH
    local = timezone.localtime(moment)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), f"{local:%-d %b, %H:%M}")


@register.filter
def deadline(moment: datetime | None) -> SafeString:
    """ "15:00 · in 42 min", amber within the hour and red when past."""
    if not moment:
        return DASH
    local, left = timezone.localtime(moment), (moment - timezone.now()).total_seconds()
    day = "" if local.date() == timezone.localdate() else f"{local:%-d %b} "
    css = "text-bad" if left < 0 else "text-warn" if left < 3600 else ""
    return format_html('<span class="nowrap {}">{}{} · {}</span>', css, day, f"{local:%H:%M}", ago(moment))


@register.filter
def percent(part: Any, whole: Any) -> str:
    """ "12 %", and a dash of nothing."""
    return f"{round(100 * part / whole)} %" if whole else "–"


@register.simple_tag
def once() -> SafeString:
    """The form's idempotency key: a double click, a bounced Enter and a retry do one thing."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid.uuid4())
