"""The declaration of a list, and how it answers a request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from oms.common import exports, htmx
from oms.common.lists import query
from oms.common.lists.columns import Column
from oms.common.lists.listing import Listing
from oms.common.lists.operators import NotUnderstood, Operator
from oms.common.numbers import whole

REGISTRY: dict[str, "List"] = {}
CSV_CHUNK = 500


@dataclass(frozen=True)
class View:
    """A tab that everybody has. `counted` shows how many rows wait behind it."""

    name: str
    q: str = ""
    sort: str = ""
    counted: bool = False


@dataclass(frozen=True)
class Action:
    """A button for the selected rows: POSTs `ids` (or `all=1` and `q`) to `url`; hidden without the permission."""

    label: str
    url: str
    permission: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Empty:
    """What the list says when there is nothing at all."""

    title: str
    text: str = ""
    action_label: str = ""
    action_url: str = ""
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class List:
    """`rows` gives what the user may see (with select_related and prefetches); `free` narrows by words without a colon.

    `jump` may give the address of the one thing that a single word names exactly: Enter goes there.
    """

    name: str
    noun: str  # "orders", for "No orders match"
    rows: Callable[[Any], QuerySet]
    columns: Sequence[Column]
    operators: Sequence[Operator] = ()
    free: Callable[[str, Any], Q] | None = None
    free_at_once: bool = False  # `free` is given all words together, else each narrows further
    views: Sequence[View] = (View("All"),)
    sort: str = ""  # a column's name, "-" in front for descending
    row_url: Callable[[Any], str] | None = None
    jump: Callable[[str, Any], str | None] | None = None
    empty: Empty = field(default_factory=lambda: Empty("Nothing here yet"))
    actions: Sequence[Action] = ()
    page_size: int = 50

    def __post_init__(self) -> None:
        REGISTRY[self.name] = self

    def respond(
        self, request: HttpRequest, page: str, context: dict[str, Any] | None = None, *, part: str = ""
    ) -> HttpResponse:
        """The page with `listing`, its part for htmx, the file for ?format=csv, or the one thing that was named."""
        if target := self._jump(request):
            return redirect(target)
        listing = Listing(self, request)
        if request.GET.get("format") == "csv":
            return self._csv(listing)
        part = part or "components/list/_results.html"
        return htmx.render_page_or_part(request, page, part, {**(context or {}), "listing": listing})

    def selected(self, request: HttpRequest) -> QuerySet:
        """The rows that a bulk action's POST means: those ticked, or all that match the search."""
        rows = self.rows(request.user)
        if request.POST.get("all"):
            return self.narrow(rows, query.parse(request.POST.get("q", "")), request.user)[0]
        return rows.filter(pk__in=[pk for pk in request.POST.getlist("ids") if whole(pk, digits=18) is not None])

    def narrow(self, rows: QuerySet, terms: list[query.Term], user: Any) -> tuple[QuerySet, list[str]]:
        """(rows that match, sentences about what was not understood and therefore left out)."""
        problems = []
        operators = {operator.name: operator for operator in self.operators}
        for term in self._joined(terms):
            try:
                rows = self._apply(rows, term, operators.get(term.name), user)
            except NotUnderstood as e:
                problems.append(str(e))
        return rows, problems

    def _joined(self, terms: list[query.Term]) -> list[query.Term]:
        plain = [term.value for term in terms if not term.name]
        if len(plain) < 2 or not self.free_at_once:
            return terms
        return [query.Term("", " ".join(plain)), *(term for term in terms if term.name)]

    def _apply(self, rows: QuerySet, term: query.Term, operator: Operator | None, user: Any) -> QuerySet:
        if operator:
            return operator.narrow(rows, term.value, user, negated=term.negated)
        if term.name and self.operators:
            known = ", ".join(f"{operator.name}:" for operator in self.operators)
            raise NotUnderstood(f"“{term.name}:” can't be searched by here. There is {known}")
        if self.free is None:
            raise NotUnderstood(f"“{term}” was left out: these {self.noun} have no search by words.")
        return rows.filter(self.free(str(term) if term.name else term.value, user))

    def _jump(self, request: HttpRequest) -> str | None:
        terms = query.parse(request.GET.get("q", ""))
        if not self.jump or htmx.wants_part(request) or len(terms) != 1 or terms[0].name:
            return None
        return self.jump(terms[0].value, request.user)

    def _csv(self, listing: Listing) -> HttpResponse:
        rows = listing.sorted_rows.iterator(chunk_size=CSV_CHUNK)
        lines = ([column.plain(row) for column in listing.columns] for row in rows)
        return exports.stream_csv(f"{self.name}.csv", [column.label for column in listing.columns], lines)
