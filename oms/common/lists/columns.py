"""A column: what it shows of a row, how, and by what it sorts."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from oms.common.templatetags import oms

NUMERIC = ("number", "money")


@dataclass(frozen=True)
class Column:
    """`value` is a path (`channel.name`) or a function of the row; without one the column's own name is the path.

    kind: text, mono, number, money (value is Money), time, badge (value is a state), bool.
    `html` (function of the row, giving safe HTML) or `template` (gets `row` and `value`) replace the kind's rendering.
    `sort` is the model field; `extra` columns are hidden until chosen.
    """

    name: str
    label: str
    value: str | Callable[[Any], Any] = ""
    kind: str = "text"
    sort: str = ""
    extra: bool = False
    html: Callable[[Any], SafeString] | None = None
    template: str = ""

    @property
    def css(self) -> str:
        """`badge` is a class of its own look, so a cell of states has another word."""
        return "num" if self.kind in NUMERIC else "state" if self.kind == "badge" else self.kind

    def value_of(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        for part in (self.value or self.name).split("."):
            row = row.get(part) if isinstance(row, dict) else getattr(row, part, None)
        return row

    def cell(self, row: Any) -> SafeString | str:
        value = self.value_of(row) if not self.html else None
        if self.html:
            return self.html(row)
        if self.template:
            return render_to_string(self.template, {"row": row, "value": value})
        return self._plain(value, row)

    def _plain(self, value: Any, row: Any) -> SafeString | str:
        if value is None or value == "":
            return "–"
        match self.kind:
            case "time":
                return oms.ago(value)
            case "money":
                return oms.money(value)
            case "badge":
                return oms.badge(value, self._label(row, value))
            case "bool":
                return "Yes" if value else "No"
            case "number" if isinstance(value, Decimal):
                return f"{value.normalize():,f}"
            case "number":
                return f"{value:,}"
            case "mono":
                return format_html("<code>{}</code>", value)
        return str(value)

    def _label(self, row: Any, value: Any) -> str:
        known = word_of(row, self.value or self.name, value) if not callable(self.value) else ""
        return known or str(getattr(value, "label", ""))

    def plain(self, row: Any) -> Any:
        """For CSV: the value itself, states by their word."""
        value = self.value_of(row)
        return self._label(row, value) or value if self.kind == "badge" else value


def word_of(row: Any, name: str, value: Any) -> str:
    """What people call the value of a field with choices; a table has hundreds, so the words are looked up once."""
    return _words(type(row), name, get_language()).get(value, "") if isinstance(row, models.Model) else ""


@cache
def _words(model: type[models.Model], name: str, language: str | None) -> dict[Any, str]:
    try:
        choices = model._meta.get_field(name).flatchoices
    except FieldDoesNotExist:
        return {}
    return {value: str(word) for value, word in choices}
