"""Units that wait are served from arriving stock, oldest order first, without anybody asking."""

from typing import Any

from django.db.models import Q

from fulfillment import planning, waiting
from fulfillment.models import Backorder
from fulfillment.routing.facts import Want
from fulfillment.rules import reading
from fulfillment.statuses import BackorderState
from inventory import availability
from oms.common.actors import SYSTEM
from orders.models import Order

FILLED = "backorder filled"
MOST_AT_ONCE = 500  # the sweep goes on with the rest


def fill(sku_id: int, *, before: Order | None = None, by: Any = SYSTEM) -> int:
    """Give what can be promised of the SKU to those who wait, the oldest first; `before` stops at that order's place.

    The number of units filled. An order that can't use this stock (another store, another channel) lets the next pass.
    """
    filled = 0
    for backorder in waiting_for(sku_id, before=before)[:MOST_AT_ONCE]:
        if not availability.atp([sku_id]):
            break
        filled += _fill(backorder, by=by)
    return filled


def waiting_for(sku_id: int, *, before: Order | None = None) -> list[Backorder]:
    rows = Backorder.objects.filter(sku=sku_id, state=BackorderState.WAITING).select_related("order_line")
    if before is not None:
        rows = rows.filter(
            Q(queued_at__lt=before.placed_at) | Q(queued_at=before.placed_at, order_line__order__lt=before.pk)
        )
    return list(rows.order_by("queued_at", "pk"))


def fill_all(*, by: Any = SYSTEM) -> int:
    """The sweep: every SKU that somebody waits for and that is there."""
    skus = set(Backorder.objects.filter(state=BackorderState.WAITING).values_list("sku", flat=True))
    there = sorted({sku for sku, _ in availability.atp(skus)}) if skus else []
    return sum(fill(sku, by=by) for sku in there)


def refresh_expected() -> int:
    """Look again at what is due for every SKU in the queue. The number of SKUs."""
    skus = set(Backorder.objects.filter(state=BackorderState.WAITING).values_list("sku", flat=True))
    if skus:
        waiting.refresh_expected(skus)
    return len(skus)


def _fill(backorder: Backorder, *, by: Any) -> int:
    """Its own units, or, where a rule sends complete only, all that its order waits for, or nothing."""
    line_id = backorder.order_line_id

    def wants(order: Order) -> tuple[Want, ...]:
        every = _wanted(order)
        mine = tuple(want for want in every if want.line_id == line_id)
        return every if mine and len(every) > len(mine) and reading.completes(order, every) else mine

    order_id = backorder.order_line.order_id
    return planning.source(order_id, wants, trigger=FILLED, from_backorder=True, by=by).placed


def _wanted(order: Order) -> tuple[Want, ...]:
    waits = Backorder.objects.filter(order_line__order=order, state=BackorderState.WAITING).order_by("pk")
    rows = waits.values_list("order_line", "sku", "quantity", "order_line__sku_code")
    return tuple(Want(*row) for row in rows)
