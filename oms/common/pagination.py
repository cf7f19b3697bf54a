"""Pages by key, not by number: constant cost at any depth, no row twice while new ones arrive. Cursors are signed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_date, parse_datetime

SALT = "oms.common.pagination"
PARAMETERS = ("after", "before")


@dataclass(frozen=True)
class Page:
    """`next_query`/`prev_query` are query strings (without "?"), empty where the list ends."""

    rows: list[Any]
    next_query: str = ""
    prev_query: str = ""
    is_first: bool = field(default=True)

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Slice:
    """The same without a request, for the API: cursors instead of query strings."""

    rows: list[Any]
    next_cursor: str = ""
    prev_cursor: str = ""


def keyset(
    queryset: QuerySet, request: HttpRequest, *, order: Sequence[str] = ("-placed_at", "-pk"), size: int = 50
) -> Page:
    """The page that the query string's after= or before= names, else the first."""
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    part = keyset_slice(queryset, after=after, before=before, order=order, size=size)
    return Page(
        rows=part.rows,
        next_query=_query(request.GET, after=part.next_cursor),
        prev_query=_query(request.GET, before=part.prev_cursor),
        is_first=not part.prev_cursor,
    )


def keyset_slice(
    queryset: QuerySet, *, after: str = "", before: str = "", order: Sequence[str] = ("-pk",), size: int = 50
) -> Slice:
    """An unreadable cursor (another sort, a forged one) shows the first page."""
    order = list(order) if order[-1].lstrip("-") in ("pk", "id") else [*order, "-pk"]
    values = _read(after or before, order)
    backwards = bool(before) and not after and values is not None
    direction = [_turned(term) for term in order] if backwards else order
    rows = queryset.order_by(*(_ordering(term) for term in direction))
    if values is not None:
        rows = rows.filter(_beyond(queryset, direction, values))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
        if not more and len(found) < size:
            return keyset_slice(queryset, order=order, size=size)  # rows went away: the first page, full
    has_next = backwards or more
    has_previous = more if backwards else values is not None
    return Slice(
        rows=found,
        next_cursor=cursor(found[-1], order) if found and has_next else "",
        prev_cursor=cursor(found[0], order) if found and has_previous else "",
    )


def _beyond(queryset: QuerySet, order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after the key (a, b, c): a beyond, or a equal and b beyond, or … NULLs stand where Postgres puts them."""
    condition, equal = Q(pk__in=[]), Q()
    for term, value in zip(order, values, strict=True):
        name = term.lstrip("-")
        condition |= equal & _step(queryset, name, value, descending=term.startswith("-"))
        equal &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    first, value = order[0], values[0]
    if value is not None and not _nullable(queryset, first.lstrip("-")):
        operator = "lte" if first.startswith("-") else "gte"
        condition &= Q(**{f"{first.lstrip('-')}__{operator}": value})  # redundant, but an index can use it
    return condition


def _step(queryset: QuerySet, name: str, value: Any, *, descending: bool) -> Q:
    """Ascending order ends with NULLs, descending order begins with them."""
    if value is None:
        return Q(**{f"{name}__isnull": False}) if descending else Q(pk__in=[])
    beyond = Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
    return beyond if descending or not _nullable(queryset, name) else beyond | Q(**{f"{name}__isnull": True})


def _nullable(queryset: QuerySet, name: str) -> bool:
    model = queryset.model
    try:
        for part in name.split("__"):
            if part == "pk":
                return False
            column = model._meta.get_field(part)
            if column.null:
                return True
            model = column.related_model or model
    except FieldDoesNotExist:
        return True  # an annotation: nobody knows
    return False


def _ordering(term: str):
    name = term.lstrip("-")
    return F(name).desc() if term.startswith("-") else F(name).asc()


def _turned(term: str) -> str:
    return term[1:] if term.startswith("-") else f"-{term}"


def cursor(row: Any, order: Sequence[str]) -> str:
    """The place of a row in a list of this order, signed."""
    values = [_packed(_value(row, term.lstrip("-"))) for term in order]
    return signing.dumps([",".join(order), values], salt=SALT, compress=True)


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = row.get(part) if isinstance(row, dict) else getattr(row, part)
    return row


def _read(cursor: str, order: Sequence[str]) -> list[Any] | None:
    if not cursor:
        return None
    try:
        told, values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return [_unpacked(*value) for value in values] if told == ",".join(order) else None


def _packed(value: Any) -> tuple[str, Any]:
    if isinstance(value, datetime):
        return ("t", value.isoformat())
    if isinstance(value, date):
        return ("d", value.isoformat())
    if isinstance(value, Decimal):
        return ("n", str(value))
    return ("", value)


def _unpacked(kind: str, value: Any) -> Any:
    return {"t": parse_datetime, "d": parse_date, "n": Decimal}.get(kind, lambda same: same)(value)


def _query(current: QueryDict, **cursor: str) -> str:
    if not any(cursor.values()):
        return ""
    query = current.copy()
    for name in PARAMETERS:
        query.pop(name, None)
    query.update(cursor)
    return query.urlencode()
