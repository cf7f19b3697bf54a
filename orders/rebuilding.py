"""What orders are found by, compared with what they say now, portion by portion."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Max, QuerySet

from oms.common.locking import lock
from orders import searching
from orders.models import Order

PORTION = 2_000


def differing(*, write: bool) -> Iterator[str]:
    """Numbers of orders that are found by other words than theirs; `write` puts them right."""
    last = Order.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, PORTION):
        yield from _differing(first, write=write)


@transaction.atomic
def _differing(first: int, *, write: bool) -> list[str]:
    """Read without locks; what differs is looked at again under its lock before anything is written."""
    wrong = _wrong(Order.objects.filter(pk__gte=first, pk__lt=first + PORTION))
    if write and wrong:
        lock(Order.objects.filter(pk__in=wrong))
        for order in _whole(Order.objects.filter(pk__in=wrong)):
            searching.refresh(order)
    return list(wrong.values())


def _wrong(rows: QuerySet) -> dict[int, str]:
    """id → number."""
    wrong = {}
    for order in _whole(rows):
        kept, now = getattr(order, "search", None), searching.told(order)
        if kept is None or (kept.text, kept.phone) != (now.text, now.phone):
            wrong[order.pk] = order.number
    return wrong


def _whole(rows: QuerySet) -> QuerySet:
    return rows.select_related("shipping_address", "search").prefetch_related("lines", "kits").order_by("pk")
