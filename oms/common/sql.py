"""Statements for work that is set-based: bound by the server and prepared, so that a long one is planned once."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection


def rows(statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple]:
    """What the statement answers; inside a transaction it is part of it, outside it is one."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, parameters, prepare=True)
        return cursor.fetchall() if cursor.description else []
