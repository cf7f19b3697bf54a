"""What can stand before the colon: each operator narrows a queryset by the value behind it, or says what is wrong."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from oms.common.errors import Invalid

_SIGNS = {">=": "gte", "<=": "lte", ">": "gt", "<": "lt", "=": "exact"}


class NotUnderstood(Invalid):
    code = "search_value"


@dataclass(frozen=True)
class Operator(ABC):
    """`label` explains it under the search box; `example` is offered there."""

    name: str
    label: str = ""
    example: str = ""

    @abstractmethod
    def condition(self, value: str, user: Any) -> Q:
        """May raise NotUnderstood."""

    def narrow(self, rows: QuerySet, value: str, user: Any, *, negated: bool = False) -> QuerySet:
        condition = self.condition(value, user)
        return rows.exclude(condition) if negated else rows.filter(condition)

    def words(self) -> list[str]:
        """Values that can be offered."""
        return []


@dataclass(frozen=True)
class Text(Operator):
    """`sku:MUG-01` by lookups (any of them), or by a function `(value, user) -> Q`."""

    lookups: Iterable[str] | Callable[[str, Any], Q] = ()

    def condition(self, value: str, user: Any) -> Q:
        if callable(self.lookups):
            return self.lookups(value, user)
        condition = Q()
        for lookup in self.lookups:
            condition |= Q(**{lookup: value})
        return condition


@dataclass(frozen=True)
class Choice(Operator):
    """`channel:web,shop`: any of the values. `choices` are (value, label) pairs or a function that gives them."""

    lookup: str = ""
    choices: Iterable[tuple[str, str]] | Callable[[], Iterable[tuple[str, str]]] = ()

    def condition(self, value: str, user: Any) -> Q:
        values = [word for word in value.lower().split(",") if word]
        known = {key.lower(): key for key in self.words()}
        if known and (strange := [word for word in values if word not in known]):
            raise NotUnderstood(f"“{self.name}:” knows {_listed(known)}, not “{strange[0]}”.")
        return Q(**{f"{self.lookup}__in": [known.get(word, word) for word in values]})

    def words(self) -> list[str]:
        return [str(key) for key, _ in (self.choices() if callable(self.choices) else self.choices)]


@dataclass(frozen=True)
class Is(Operator):
    """`is:late`: named conditions, each a Q or a function of the user that gives one."""

    name: str = "is"
    label: str = "a condition"
    conditions: Mapping[str, Q | Callable[[Any], Q]] = field(default_factory=dict)

    def condition(self, value: str, user: Any) -> Q:
        if value.lower() not in self.conditions:
            raise NotUnderstood(f"“is:” knows {_listed(self.conditions)}, not “{value}”.")
        found = self.conditions[value.lower()]
        return found if isinstance(found, Q) else found(user)

    def words(self) -> list[str]:
        return list(self.conditions)


@dataclass(frozen=True)
class Number(Operator):
    """`total:>100`, `total:10..20`, `total:5`."""

    lookup: str = ""

    def condition(self, value: str, user: Any) -> Q:
        return _range(self.lookup, value, self._number)

    def _number(self, text: str) -> Decimal:
        try:
            number = Decimal(text.replace(",", "."))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= 10**11:
            raise NotUnderstood(f"“{text}” is not a number that “{self.name}:” can compare with.")
        return number


@dataclass(frozen=True)
class Date(Operator):
    """`placed:>2026-11-01`, `placed:2026-11-01..2026-11-05`, `placed:today`, `placed:<7d` (within seven days)."""

    lookup: str = ""
    whole_days: bool = False  # the column is a date, not a moment

    def condition(self, value: str, user: Any) -> Q:
        sign, rest = _sign(value)
        if rest.endswith("d") and rest[:-1].isdecimal() and len(rest) < 6:
            moment = timezone.now() - timedelta(days=int(rest[:-1]))
            return Q(**{f"{self.lookup}__{'lt' if sign == 'gt' else 'gte'}": moment})
        if ".." in rest:
            first, _, last = rest.partition("..")
            return self._from(self._day(first)) & self._until(self._day(last))
        day = self._day(rest)
        match sign:
            case "gt":
                return self._from(day + timedelta(days=1))
            case "gte":
                return self._from(day)
            case "lt":
                return self._until(day - timedelta(days=1))
            case "lte":
                return self._until(day)
        return self._from(day) & self._until(day)

    def _from(self, day: date) -> Q:
        return Q(**{f"{self.lookup}__gte": day if self.whole_days else _midnight(day)})

    def _until(self, day: date) -> Q:
        end = day if self.whole_days else _midnight(day + timedelta(days=1))
        return Q(**{f"{self.lookup}__{'lte' if self.whole_days else 'lt'}": end})

    def _day(self, text: str) -> date:
        near = {"today": 0, "yesterday": -1, "tomorrow": 1}
        if text.lower() in near:
            return timezone.localdate() + timedelta(days=near[text.lower()])
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None or not 1990 <= day.year <= 2200:
            raise NotUnderstood(f"“{text}” is not a date. Write it like 2026-11-24, or today, or <7d.")
        return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _range(lookup: str, value: str, read: Callable[[str], Any]) -> Q:
    sign, rest = _sign(value)
    if ".." in rest:
        first, _, last = rest.partition("..")
        return Q(**{f"{lookup}__gte": read(first), f"{lookup}__lte": read(last)})
    return Q(**{f"{lookup}__{sign or 'exact'}": read(rest)})


def _sign(value: str) -> tuple[str, str]:
    for sign, lookup in _SIGNS.items():
        if value.startswith(sign):
            return lookup, value[len(sign) :]
    return "", value


def _listed(words: Iterable[str]) -> str:
    return ", ".join(list(words)[:12])
