"""Many counts in one question to the database."""

from collections.abc import Mapping
from typing import TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

K = TypeVar("K")


def counts(rows: Mapping[K, QuerySet], *, cap: int | Mapping[K, int] | None = None) -> dict[K, int]:
    """How many rows each has, up to `cap` (of all, or each its own): beyond it nobody reads the number."""
    found, asked, values = dict.fromkeys(rows, 0), {}, []
    for key, queryset in rows.items():
        wanted = queryset.order_by().values("pk")
        try:
            most = cap[key] if isinstance(cap, Mapping) else cap
            sql, params = (wanted[:most] if most else wanted).query.sql_with_params()
        except EmptyResultSet:
            continue
        asked[key] = f"(SELECT count(*) FROM ({sql}) AS counted)"  # noqa: S608  the ORM's own SQL
        values += params
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(asked.values())}", values)
            found |= dict(zip(asked, cursor.fetchone(), strict=True))
    return found
