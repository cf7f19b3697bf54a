"""What a row of a file comes to, and how its cells are read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from inventory.statuses import RowVerdict
from oms.common import audit, numbers

YES, NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
Row = Mapping[str, str]


@dataclass
class Judged:
    """`thing` is what the row is about, as it will be saved; `changes` are name → [before, after]."""

    verdict: str
    key: str = ""
    changes: dict[str, list[Any]] = field(default_factory=dict)
    problem: str = ""
    thing: Any = None


class Unreadable(Exception):
    """A cell that can't be read; says which and why."""


def failed(key: str, problem: str) -> Judged:
    return Judged(RowVerdict.FAIL, key[:170], problem=problem[:300])


def read(row: Row, names: Iterable[str], model: type[models.Model]) -> dict[str, Any]:
    """The cells of these names as the model's fields take them. Empty ones are left out: they change nothing."""
    return {name: _value(model._meta.get_field(name), row[name]) for name in names if row.get(name)}


def whole(row: Row, name: str, *, most: int = 10_000_000) -> int:
    units = numbers.whole(row.get(name, ""), digits=8)
    if units is None or units > most:
        raise Unreadable(f"{name}: a whole number, 0 to {most:,}")
    return units


def changed(thing: models.Model, facts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """name → [before, after] of what differs; the thing has the new values then."""
    before = audit.facts(thing, *facts)
    for name, value in facts.items():
        setattr(thing, name, value)
    after = audit.facts(thing, *facts)
    return {name: [before[name], after[name]] for name in facts if _differs(before[name], after[name])}


def once(judged: dict[Any, int], key: Any, line: int) -> None:
    """Each thing stands in a file once."""
    if key in judged:
        raise Unreadable(f"row {judged[key]} is about the same")
    judged[key] = line


def verdict(created: bool, changes: Mapping[str, Any]) -> str:
    if created:
        return RowVerdict.CREATE
    return RowVerdict.CHANGE if changes else RowVerdict.SAME


def audited(kind: str, judged: Iterable[Judged]) -> list[tuple[str, dict, dict]]:
    """For the audit: what each was and is."""
    told = []
    for one in judged:
        before = {name: pair[0] for name, pair in one.changes.items()} if one.verdict == RowVerdict.CHANGE else {}
        after = {name: pair[1] for name, pair in one.changes.items()}
        told.append((f"{kind}:{one.key}", before, after if before else {"code": one.thing.code, **after}))
    return told


def _value(field_: models.Field, text: str) -> Any:
    try:
        if isinstance(field_, models.BooleanField):
            return _boolean(text)
        if isinstance(field_, models.DecimalField):
            text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
        return field_.clean(text, None)
    except (ValidationError, ValueError) as e:
        why = "; ".join(e.messages) if isinstance(e, ValidationError) else str(e)
        raise Unreadable(f"{field_.name}: {why.rstrip('.')}") from e


def _boolean(text: str) -> bool:
    if text.lower() in YES | NO:
        return text.lower() in YES
    raise ValueError("yes or no")


def _differs(before: Any, after: Any) -> bool:
    """Decimals come as text: 10 and 10.000 are one price."""
    try:
        return float(before) != float(after)
    except (TypeError, ValueError):
        return before != after
