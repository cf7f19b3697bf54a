"""Words of stock pages."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

register = template.Library()
ROOMS = {"PO": "inventory:purchase", "TR": "inventory:transfer", "CC": "inventory:count"}


@register.filter
def reference_link(reference: str) -> SafeString | str:
    """Where a ledger row's reference leads: purchases and transfers to their page, else through the search."""
    if not reference:
        return "–"
    name = ROOMS.get(reference.partition("-")[0])
    url = reverse(name, args=[reference]) if name else f"/search/?{urlencode({'q': reference})}"
    return format_html('<a href="{}">{}</a>', url, reference)
