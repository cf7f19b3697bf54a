"""Units that wait are served from arriving stock, oldest order first, without anybody asking."""

from collections.abc import Collection
from typing import Any

from fulfillment import dealing, waiting
from fulfillment.models import Backorder
from fulfillment.statuses import BackorderState
from oms.common.actors import SYSTEM
from orders.models import Order


def fill(sku_id: int, *, before: Order | None = None, by: Any = SYSTEM) -> int:
    """Give what can be promised of the SKU to those who wait, the oldest first; `before` stops at that order's place.

    Those who compete are decided together (`dealing`). The number of units filled.
    """
    return fill_each([sku_id], before=before, by=by)


def fill_each(sku_ids: Collection[int], *, before: Order | None = None, by: Any = SYSTEM) -> int:
    """The same for several SKUs at once, so that an order gets all that it waits for in one go."""
    return dealing.deal(sku_ids, before=before, by=by)


def fill_all(*, by: Any = SYSTEM) -> int:
    """The sweep: every SKU that somebody waits for and that is there."""
    return fill_each(waited_for(), by=by)


def waited_for() -> set[int]:
    """SKUs."""
    return set(Backorder.objects.filter(state=BackorderState.WAITING).values_list("sku", flat=True).distinct())


def refresh_expected() -> int:
    """Look again at what is due for every SKU in the queue. The number of SKUs."""
    skus = waited_for()
    if skus:
        waiting.refresh_expected(skus)
    return len(skus)
