"""Statements for work that is set-based: bound by the server and prepared, so that a long one is planned once."""

import re
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

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

    def rows(self, *, many: bool = False, **parameters: Any) -> list[tuple]:
        """What it answers; inside a transaction it is part of it, outside it is one.

        `many` plans it anew for these parameters: long arrays want other joins than short ones.
        """
        connection.ensure_connection()
        raw = connection.connection
        if raw.prepare_threshold is None and not settings.DATABASE_POOLER:
            _prepare_from_now_on(raw)
        with connection.wrap_database_errors, psycopg.RawCursor(raw) as cursor:
            cursor.execute(self.text, [parameters[name] for name in self.names], prepare=not many)
            return cursor.fetchall() if cursor.pgresult.nfields else []


def _prepare_from_now_on(raw: psycopg.Connection) -> None:
    """Django switches preparing off, and its own cursors never do it. Our statements have one good plan each.

    Not behind a transaction pooler, where the next statement may reach another session.
    """
    raw.prepare_threshold = 0
    raw.execute("SET plan_cache_mode = force_generic_plan")
