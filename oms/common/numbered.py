"""A column for numbers that the house gives (FO-1007): always in capitals, and asked for in any case."""

from typing import Any

from django.db import models
from django.db.models.lookups import Exact


class NumberField(models.CharField):
    """`number__iexact` is served by the index that keeps the number unique; no second one is needed."""


@NumberField.register_lookup
class InAnyCase(Exact):
    lookup_name = "iexact"

    def get_prep_lookup(self) -> Any:
        wanted = super().get_prep_lookup()
        return wanted.upper() if isinstance(wanted, str) else wanted
