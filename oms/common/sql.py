"""Statements for work that is set-based: bound by the server and prepared, so that a long one is planned once."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.pq import TransactionStatus

FEW = 8  # rows that are done by the plan that was made for one


class Statement:
    """SQL with named parameters, `:skus`; a cast is written `:skus::bigint[]`. Make it once, at import."""

    def __init__(self, text: str) -> None:
        self.names: list[str] = []
        self.text = re.sub(r"(?<![:\w]):([a-z_]+)", self._number, text)

    def _number(self, found: re.Match) -> str:
        name = found.group(1)
        if name not in self.names:
            self.names.append(name)
        return f"${self.names.index(name) + 1}"

    def bound(self, parameters: Mapping[str, Any]) -> list[Any]:
        """The values in their places; lists as literals, which is quicker than to look at each element's type."""
        values = [parameters[name] for name in self.names]
        return [literal(value) if isinstance(value, list) else value for value in values]

    def rows(self, *, many: bool = False, **parameters: Any) -> list[tuple]:
        """What it answers; inside a transaction it is part of it, outside it is one.

        `many` plans it anew for these parameters: long arrays want other joins than short ones.
        """
        raw = _connected()
        with connection.wrap_database_errors, _by_index(raw, () if many else (self,)), psycopg.RawCursor(raw) as cursor:
            cursor.execute(self.text, self.bound(parameters), prepare=not many)
            return cursor.fetchall() if cursor.pgresult.nfields else []


CHECK_NOW = Statement("SET CONSTRAINTS ALL IMMEDIATE")  # instead of at the commit


def together(*work: tuple[Statement, Mapping[str, Any]]) -> None:
    """One after the other in one trip and one transaction: all of it or, when one raises, nothing.

    Not inside a transaction: an error would end that one too.
    """
    raw = _connected()
    planned = _by_index(raw, [statement for statement, _ in work])
    with connection.wrap_database_errors, planned, raw.pipeline():
        for statement, parameters in work:
            psycopg.RawCursor(raw).execute(statement.text, statement.bound(parameters), prepare=True)


def literal(values: Sequence[Any]) -> str:
    """As Postgres reads an array of any type whose elements have one form: numbers, text, moments, booleans, None."""
    return f"{{{','.join([_element(value) for value in values])}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)  # and a boolean, as Python writes it
    return f'"{_escaped(str(value))}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"') if "\\" in text or '"' in text else text


_planned: WeakKeyDictionary[psycopg.Connection, set[Statement]] = WeakKeyDictionary()
WAYS = ("seqscan", "hashjoin", "mergejoin")
ONLY_INDEXES = "; ".join(f"SET enable_{way} = off" for way in WAYS)
AS_BEFORE = "; ".join(f"RESET enable_{way}" for way in WAYS)


@contextmanager
def _by_index(raw: psycopg.Connection, statements: Collection[Statement]) -> Iterator[None]:
    """What is planned here for the first time is planned for a few rows found by index: the plan is kept, and a table
    that was filled a moment ago has no statistics to say that it has grown. When it has, the plan is made anew.
    """
    known = _planned.setdefault(raw, set())
    if raw.prepare_threshold is None or known.issuperset(statements):
        yield
        return
    raw.execute(ONLY_INDEXES, prepare=False)
    try:
        yield
    finally:
        if not raw.closed and raw.info.transaction_status != TransactionStatus.INERROR:  # which takes it back itself
            raw.execute(AS_BEFORE, prepare=False)
    known.update(statements)


def _connected() -> psycopg.Connection:
    """Django switches preparing off, and its own cursors never do it. Our statements have one good plan each.

    Not behind a transaction pooler, where the next statement may reach another session.
    """
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None and not settings.DATABASE_POOLER:
        raw.prepare_threshold = 0
    return raw
