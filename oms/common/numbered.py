"""A column for numbers that the house gives (FO-1007): always in capitals, and asked for in any case."""

from typing import Any

from django.db import models
from django.db.models.lookups import Exact


class NumberField(models.CharField):
    """`number__iexact` is served by the index that keeps the number unique; no second one is needed."""


@NumberField.register_lookup
class InAnyCase(Exact):
    lookup_name = "iexact"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The plain comparison: an own lookup of this name would still be written with UPPER on both sides."""
        wanted = self.rhs.upper() if isinstance(self.rhs, str) else self.rhs
        return Exact(self.lhs, wanted).as_sql(compiler, connection)
