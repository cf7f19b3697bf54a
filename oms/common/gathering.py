"""Rows of several small tables by one question to the database: a page of a dozen facts needs no dozen round trips."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Field, JSONField, Model, QuerySet


def gather(**rows: QuerySet) -> dict[str, list[Any]]:
    """The models of each queryset in its order. For plain rows: what they are related to is not read with them."""
    asked, values, found = {}, [], {name: [] for name in rows}
    for name, queryset in rows.items():
        try:
            sql, params = queryset.query.sql_with_params()
        except EmptyResultSet:
            continue
        asked[name] = f"(SELECT json_agg(told)::text FROM ({sql}) AS told)"  # noqa: S608  the ORM's own SQL
        values += params
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(asked.values())}", values)
            for name, told in zip(asked, cursor.fetchone(), strict=True):
                found[name] = list(_models(rows[name], json.loads(told or "[]", parse_float=Decimal)))
    return found


def _models(queryset: QuerySet, told: list[dict[str, Any]]) -> Iterator[Model]:
    deferred, whole = queryset.query.deferred_loading
    columns = [
        field
        for field in queryset.model._meta.concrete_fields
        if (field.name in deferred) != whole or field.primary_key
    ]
    for row in told:
        yield queryset.model.from_db(
            queryset.db, [field.attname for field in columns], [_value(field, row[field.column]) for field in columns]
        )


def _value(field: Field, told: Any) -> Any:
    """JSON has no moments and no days: the field reads them."""
    if isinstance(field, JSONField):
        return told
    if hasattr(field, "from_db_value"):
        return field.from_db_value(told, None, connection)
    return field.to_python(told)
