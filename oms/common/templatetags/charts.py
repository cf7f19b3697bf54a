"""`{% sparkline values label= %}`, and a line or bar chart with the table of the same numbers below it."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from oms.common import charts

register = template.Library()


@register.simple_tag
def sparkline(values: Sequence[charts.Value], label: str = "") -> SafeString:
    points = charts.line([("", value) for value in values], width=120, height=32)
    return format_html(
        '<svg class="sparkline" viewBox="0 0 120 32" role="img" aria-label="{}">'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="2"/></svg>',
        f"{label}: {', '.join(str(value) for value in values)}".strip(": "),
        charts.path(points),
    )


@register.inclusion_tag("components/charts/_line.html")
def line_chart(pairs: Sequence[tuple[str, Any]], label: str, unit: str = "") -> dict[str, Any]:
    points = charts.line(pairs)
    return {"points": points, "path": charts.path(points), "pairs": pairs, "label": label, "unit": unit}


@register.inclusion_tag("components/charts/_bars.html")
def bar_chart(pairs: Sequence[tuple[str, Any]], label: str, unit: str = "") -> dict[str, Any]:
    return {"points": charts.bars(pairs), "pairs": pairs, "label": label, "unit": unit}
