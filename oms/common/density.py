"""How many rows the database expects, asked of its planner: which of two ways is the short one depends on it."""

import json

from django.db.models import Q, QuerySet

FEW = 3_000


def expected(rows: QuerySet) -> int:
    """A guess from statistics, without reading a row."""
    return json.loads(rows.order_by().explain(format="json"))[0]["Plan"]["Plan Rows"]


def among(rows: QuerySet, otherwise: Q) -> Q:
    """Things whose id is one of `rows`, a queryset of ids; `otherwise` says the same of the thing itself.

    Few are read first, all of them, and then sorted. Where there are many, the newest are walked until a page is full,
    which the planner would do for few as well, because it thinks too well of walking.
    """
    return Q(pk__in=rows[:ALL]) if expected(rows) < FEW else otherwise


ALL = 10**9  # a limit keeps the planner from merging what is read first with what is sorted
