"""One lock order for everybody: tables top down (order, fulfilment order, stock, parcel), rows by primary key."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection
from django.db.models import QuerySet

P = ParamSpec("P")
R = TypeVar("R")
RETRYABLE = {"40001", "40P01"}  # serialization failure, deadlock


def lock(queryset: QuerySet, *, of: tuple[str, ...] = ("self",)) -> list:
    """The rows, locked FOR NO KEY UPDATE in pk order. Call inside a transaction."""
    return list(queryset.order_by("pk").select_for_update(of=of, no_key=True))


def retrying(verb: Callable[P, R], *, tries: int = 3) -> Callable[P, R]:
    """Do the outermost verb again after a deadlock or serialization failure; inside a transaction it is done once."""

    @functools.wraps(verb)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, tries + 1):
            try:
                return verb(*args, **kwargs)
            except OperationalError as e:
                if connection.in_atomic_block or attempt == tries or _sqlstate(e) not in RETRYABLE:
                    raise
                time.sleep(random.uniform(0.02, 0.1) * attempt)
        raise AssertionError("unreachable")

    return again


def _sqlstate(e: OperationalError) -> str:
    return getattr(e.__cause__, "sqlstate", "") or ""
