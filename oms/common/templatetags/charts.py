"""Charts of a page, each with the table of its numbers: lines, bars, stacked bars, one strip, sparkline."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oms.common import charts

register = template.Library()


@register.simple_tag
def sparkline(values: Sequence[charts.Value], label: str = "") -> SafeString:
    return format_html(
        '<svg class="spark c1" viewBox="0 0 96 24" role="img" aria-label="{}">'
        '<polyline class="stroke" points="{}" stroke-width="1.5"/></svg>',
        f"{label}: {', '.join(str(value) for value in values)}".strip(": "),
        charts.spark(values),
    )


@register.inclusion_tag("components/charts/_lines.html")
def line_chart(pairs: charts.Pairs, label: str, unit: str = "", bare: bool = False) -> dict[str, Any]:
    """pairs: (label, value) from left to right; None is a gap. `bare` when the page has a table of its own."""
    return lines_chart([(label, pairs)], label, unit) | {"bare": bare}


@register.inclusion_tag("components/charts/_lines.html")
def lines_chart(series: Sequence[tuple[str, charts.Pairs]], label: str, unit: str = "") -> dict[str, Any]:
    """series: (name, pairs), each over the same labels."""
    laid, ticks, words = charts.lines(series)
    heads = [name for name, _ in series]
    labels = [name for name, _ in series[0][1]] if series else []
    columns = [[value for _, value in pairs] for _, pairs in series]
    rows = list(zip(labels, zip(*columns, strict=True), strict=True)) if columns else []
    frame = _frame(label, unit, ticks, words, heads, rows)
    return frame | {"series": laid, "legend": laid if len(laid) > 1 else []}


@register.inclusion_tag("components/charts/_bars.html")
def bar_chart(pairs: charts.Pairs, label: str, unit: str = "", bare: bool = False) -> dict[str, Any]:
    return stacked_chart([(name, [(label, value)]) for name, value in pairs], label, unit) | {"bare": bare}


@register.inclusion_tag("components/charts/_bars.html")
def stacked_chart(
    rows: Sequence[tuple[str, Sequence[tuple[str, charts.Value | None]]]], label: str, unit: str = ""
) -> dict[str, Any]:
    """rows: (label, [(name, value), …]), the same names in the same order in each."""
    bars, ticks, words = charts.bars(rows)
    heads = [name for name, _ in rows[0][1]] if rows else []
    legend = [charts.Series(name, charts.colour(n)) for n, name in enumerate(heads)] if len(heads) > 1 else []
    table = [(name, [value for _, value in parts]) for name, parts in rows]
    return _frame(label, unit, ticks, words, heads, table) | {"bars": bars, "legend": legend}


@register.inclusion_tag("components/charts/_strip.html")
def strip_chart(parts: Sequence[tuple[str, charts.Value, str]], label: str) -> dict[str, Any]:
    """parts: (word, value, tone): one bar of shares with its legend."""
    said = ", ".join(f"{word} {value}" for word, value, _ in parts)
    return {"bars": charts.strip(parts), "parts": parts, "label": f"{label}: {said}"}


POINT = (
    '<circle class="fill" cx="{0}" cy="{1}" r="2.5"/><circle class="hit" cx="{0}" cy="{1}" r="9">'
    "<title>{2}: {3} {4}</title></circle>"
)


@register.simple_tag
def chart_points(one: charts.Series, unit: str, named: Any) -> SafeString:
    """A line has hundreds: the template language would take longer over them than over the rest of the page."""
    return format_html_join(
        "",
        POINT,
        ((p.x, p.y, f"{p.label}, {p.name}" if named else p.label, p.value, unit) for p in one.points),
    )


@register.simple_tag
def chart_numbers(rows: Sequence[tuple[str, Sequence[charts.Value | None]]]) -> SafeString:
    return format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', ((name, _cells(row)) for name, row in rows))


def _cells(values: Sequence[charts.Value | None]) -> SafeString:
    return format_html_join("", '<td class="num">{}</td>', (("–" if one is None else one,) for one in values))


def _frame(label: str, unit: str, ticks: list, words: list, heads: list[str], rows: list) -> dict[str, Any]:
    return {
        "label": label, "unit": unit, "ticks": ticks, "words": words, "heads": heads, "rows": rows,
        "width": charts.WIDTH, "height": charts.HEIGHT, "left": charts.LEFT, "right": charts.WIDTH - charts.RIGHT,
        "is_empty": not any(value is not None for _, values in rows for value in values),
    }  # fmt: skip
