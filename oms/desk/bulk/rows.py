"""Rows of a model from one SELECT: what is not told gets the field's own default, so new columns need nothing here.

Every statement is our own text; values come by parameters alone.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models
from psycopg import sql


def run(text: str, params: Mapping[str, Any] | None = None) -> int:
    """How many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.rowcount


def value(text: str, params: Mapping[str, Any] | None = None) -> Any:
    """The first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchone()[0]


def fill(model: type[models.Model], source: str, told: Mapping[str, str], params: Mapping[str, Any]) -> int:
    """INSERT INTO the model's table: `told` gives columns as SQL expressions over `source`, what follows FROM."""
    columns = dict(told)
    for column in model._meta.concrete_fields:
        if column.column not in columns and (default := _default(column)) is not None:
            columns[column.column] = default
    names = ", ".join(f'"{name}"' for name in columns)
    wanted = ", ".join(columns.values())
    return run(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {wanted} FROM {source}", params)  # noqa: S608


def reserve(model: type[models.Model], count: int) -> int:
    """The id before the first of `count` that are ours; the table's sequence stands past them from now on."""
    return _skip(f"pg_get_serial_sequence('{model._meta.db_table}', 'id')", count)


def reserve_numbers(kind: str, count: int) -> int:
    """The same for numbers that people read."""
    return _skip(f"'oms_number_{kind}'", count)


def _skip(sequence: str, count: int) -> int:
    first = value(f"SELECT nextval({sequence}::regclass)")
    value(f"SELECT setval({sequence}::regclass, %(last)s)", {"last": first + max(count, 1) - 1})
    return first - 1


def _default(column: models.Field) -> str | None:
    """None where the database has one itself, and where the column may stay empty."""
    if column.generated or column.primary_key or column.db_default is not models.NOT_PROVIDED:
        return None
    if getattr(column, "auto_now_add", False) or getattr(column, "auto_now", False):
        return "now()"
    if column.null and not column.has_default():
        return None
    given = column.get_db_prep_save(column.get_default(), connection)
    return sql.Literal(given).as_string(connection.connection).replace("%", "%%")
