"""One list as one request sees it: what was asked, what was not understood, the rows of the page, and every link."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oms.common.counting import counts
from oms.common.lists import query
from oms.common.lists.columns import Column
from oms.common.models import SavedView
from oms.common.pagination import Page, keyset

if TYPE_CHECKING:
    from oms.common.lists.definition import Action, List, View

COUNT_LIMIT = 10_000
TAB_LIMIT = 999


@dataclass(frozen=True)
class Chip:
    """One term of the search, with the address of the list without it."""

    text: str
    without: str


@dataclass(frozen=True)
class Tab:
    name: str
    url: str
    active: bool
    count: str = ""
    saved: SavedView | None = None


@dataclass(frozen=True)
class Head:
    """A column's head; `url` sorts by it, `direction` is ascending, descending or empty."""

    column: Column
    url: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Row:
    object: Any
    cells: list[tuple[Column, str]]
    url: str

    @property
    def html(self) -> SafeString:
        """Its cells. A page has hundreds, and the template language would take twice as long over them."""
        shown = [cell for _, cell in self.cells]
        if self.url and shown:
            shown[0] = format_html('<a href="{}">{}</a>', self.url, shown[0])
        told = ((column.css, column.label, cell) for (column, _), cell in zip(self.cells, shown, strict=True))
        return format_html_join("", '<td class="{}" data-label="{}">{}</td>', told)


class Listing:
    """The context variable `listing` of the list templates."""

    def __init__(self, definition: "List", request: HttpRequest) -> None:
        self.definition, self.request = definition, request
        self.q = " ".join(request.GET.get("q", "").split())[:500]
        self.terms = query.parse(self.q)
        visible = definition.rows(request.user)
        self.matching, self.problems = definition.narrow(visible, self.terms, request.user)
        self.id = f"list-{definition.name}"

    @property
    def path(self) -> str:
        return self.request.path

    @cached_property
    def columns(self) -> list[Column]:
        """Those ticked, else those that are not `extra`."""
        shown = [column for column in self.definition.columns if column.name in self.chosen_columns]
        return shown or [column for column in self.definition.columns if not column.extra]

    @cached_property
    def chosen_columns(self) -> list[str]:
        """?columns=number,total as links write it, or ?column=number&column=total as the form does."""
        asked = self.request.GET
        return asked.getlist("column") or [name for name in asked.get("columns", "").split(",") if name]

    @cached_property
    def sort(self) -> str:
        """The column asked for when it can be sorted by, else the list's own."""
        wanted = self.request.GET.get("sort", "")
        return wanted if self._field(wanted) else self.definition.sort

    @cached_property
    def order(self) -> list[str]:
        field = self._field(self.sort)
        return [*([f"-{field}" if self.sort.startswith("-") else field] if field else []), "-pk"]

    @property
    def sorted_rows(self) -> QuerySet:
        return self.matching.order_by(*self.order)

    @cached_property
    def page(self) -> Page:
        return keyset(self.matching, self.request, order=self.order, size=self.definition.page_size)

    @cached_property
    def rows(self) -> list[Row]:
        url = self.definition.row_url or (lambda row: "")
        return [Row(row, [(c, c.cell(row)) for c in self.columns], url(row)) for row in self.page.rows]

    @cached_property
    def total(self) -> str:
        """Counted up to ten thousand; beyond that nobody reads the number."""
        count = self._counts[None]
        return f"more than {COUNT_LIMIT:,}" if count > COUNT_LIMIT else f"{count:,}"

    @property
    def is_filtered(self) -> bool:
        return bool(self.terms)

    @property
    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.columns]

    @property
    def chips(self) -> list[Chip]:
        rest = [(term, self.terms[:i] + self.terms[i + 1 :]) for i, term in enumerate(self.terms)]
        return [Chip(str(term), self.url(q=query.join(others))) for term, others in rest]

    @cached_property
    def tabs(self) -> list[Tab]:
        """The list's own views, then the user's saved ones: a tab is active when it says exactly what is asked."""
        saved = SavedView.objects.filter(list_name=self.definition.name).visible_to(self.request.user)
        own = [self._view_tab(view) for view in self.definition.views]
        return own + [self._saved_tab(view) for view in saved.order_by("name", "pk")]

    @property
    def active_saved(self) -> SavedView | None:
        """The saved view on screen, when it is the user's own to change."""
        return next(
            (t.saved for t in self.tabs if t.active and t.saved and t.saved.owner_id == self.request.user.pk), None
        )

    @property
    def column_choices(self) -> list[tuple[Column, bool]]:
        return [(column, column in self.columns) for column in self.definition.columns]

    @property
    def actions(self) -> "list[Action]":
        user = self.request.user
        return [action for action in self.definition.actions if not action.permission or user.can(action.permission)]

    @property
    def can_start(self) -> bool:
        """May this user do what the empty list proposes?"""
        empty = self.definition.empty
        return bool(empty.action_url) and (not empty.permission or self.request.user.can(empty.permission))

    @property
    def csv_url(self) -> str:
        return self.url(format="csv")

    @property
    def saved_query(self) -> str:
        """What a saved view remembers."""
        return self._query(q=self.q)

    def url(self, **changes: str) -> str:
        """This list with other words; the page starts over."""
        text = self._query(**changes)
        return f"{self.path}?{text}" if text else self.path

    def _query(self, **changes: str) -> str:
        asked = self.request.GET
        columns = ",".join(self.chosen_columns)
        kept = {"q": asked.get("q", ""), "sort": asked.get("sort", ""), "columns": columns} | changes
        return _urlencode(kept)

    def _field(self, sort: str) -> str:
        name = sort.removeprefix("-")
        return next((column.sort for column in self.definition.columns if column.name == name), "")

    def _head(self, column: Column) -> Head:
        if not column.sort:
            return Head(column)
        if self.sort.removeprefix("-") != column.name:
            first = f"-{column.name}" if column.kind in ("time", "money", "number") else column.name
            return Head(column, self.url(sort=first))
        descending = self.sort.startswith("-")
        turned = column.name if descending else f"-{column.name}"
        return Head(column, self.url(sort=turned), "descending" if descending else "ascending")

    def _view_tab(self, view: "View") -> Tab:
        text = _urlencode({"q": view.q, "sort": view.sort})
        active = self._same(view.q) and (not view.sort or view.sort == self.sort)
        return Tab(view.name, f"{self.path}?{text}" if text else self.path, active, self._count(view))

    def _saved_tab(self, view: SavedView) -> Tab:
        return Tab(view.name, f"{self.path}?{view.query}", view.query == self.saved_query, saved=view)

    def _same(self, q: str) -> bool:
        return sorted(map(str, query.parse(q))) == sorted(map(str, self.terms))

    def _count(self, view: "View") -> str:
        if not view.counted:
            return ""
        count = self._counts[view.name]
        return f"{TAB_LIMIT}+" if count > TAB_LIMIT else str(count)

    @cached_property
    def _counts(self) -> "dict[str | None, int]":
        """Of each view that tells one, and None: of what matches. All by one question, one more than is told."""
        user, counted = self.request.user, [view for view in self.definition.views if view.counted]
        visible = self.definition.rows(user)
        rows = {view.name: self.definition.narrow(visible, query.parse(view.q), user)[0] for view in counted}
        caps = dict.fromkeys(rows, TAB_LIMIT + 1) | {None: COUNT_LIMIT + 1}
        return counts({**rows, None: self.matching}, cap=caps)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def _urlencode(values: dict[str, str]) -> str:
    return urlencode({name: value for name, value in values.items() if value}, safe=":,")
