"""The rows of units that wait for stock. Written with the order locked, by the verbs that gain or lose such units."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q, Sum

from fulfillment import parts
from fulfillment.models import Backorder
from fulfillment.statuses import BACKORDER_MOVES, BackorderState
from inventory import waiting as asked
from inventory.availability import Supply
from oms.common import states
from oms.common.locking import lock
from orders import progress
from orders.models import Order, OrderLine

STOCK_OUT = "out of stock"


def add(order: Order, units: Mapping[int, int], *, cause: str = STOCK_OUT, by: Any) -> None:
    """Units of these lines join the queue, at the place that the order's date gives them."""
    units = {line: count for line, count in units.items() if count}
    if not units:
        return
    rows = {row.order_line_id: row for row in _waiting(units)}
    for line in OrderLine.objects.filter(pk__in=units).order_by("pk"):
        row = rows.get(line.pk) or Backorder(
            order_line=line, sku_id=line.sku_id, location=order.pickup_location, quantity=0, queued_at=order.placed_at
        )
        row.quantity += units[line.pk]
        row.cause = cause[:40]
        row.save()
        _expect(row, parts.supplies([row.sku_id]), ahead=_ahead(row))
    progress.record_backordered(order, units, by=by)


def take(order: Order, units: Mapping[int, int], *, filled: bool, by: Any) -> None:
    """Units of these lines leave the queue: filled from stock, or cancelled; then parts on their way are taken back."""
    units = {line: count for line, count in units.items() if count}
    if not units:
        return
    left = dict(units)
    for row in _waiting(units):
        taken = min(left[row.order_line_id], row.quantity)
        left[row.order_line_id] -= taken
        row.filled += taken if filled else 0
        if row.quantity == taken:  # a row that ends keeps the number it last waited for
            states.advance(row, BackorderState.FILLED if filled else BackorderState.CANCELLED, moves=BACKORDER_MOVES)
        else:
            row.quantity -= taken
        row.save()
    if not filled and any(left.values()):
        parts.take_back(order, left, by=by)
    progress.record_backordered(order, {line: -count for line, count in units.items()}, by=by)


def units_of(order: Order) -> dict[int, int]:
    """order line → units waiting for stock."""
    rows = Backorder.objects.filter(order_line__order=order, state=BackorderState.WAITING)
    return dict(rows.values_list("order_line", "quantity"))


def queue(sku_id: int) -> list[Backorder]:
    """Who waits for the SKU, the oldest order first."""
    rows = Backorder.objects.filter(sku=sku_id, state=BackorderState.WAITING)
    return list(rows.select_related("order_line").order_by("queued_at", "pk"))


def refresh_expected(sku_ids: Collection[int]) -> None:
    """Deal the supply that is due out to the queue, oldest first."""
    supplies = parts.supplies(sku_ids)
    for sku_id in sorted(set(sku_ids)):
        ahead = 0
        for row in queue(sku_id):
            _expect(row, [supply for supply in supplies if supply.sku_id == sku_id], ahead=ahead)
            ahead += row.quantity


def _waiting(units: Mapping[int, int]) -> list[Backorder]:
    return lock(Backorder.objects.filter(order_line__in=units, state=BackorderState.WAITING))


def _ahead(row: Backorder) -> int:
    earlier = Q(queued_at__lt=row.queued_at) | Q(queued_at=row.queued_at, pk__lt=row.pk)
    waiting = Backorder.objects.filter(earlier, sku=row.sku_id, state=BackorderState.WAITING)
    return waiting.aggregate(units=Sum("quantity"))["units"] or 0


def _expect(row: Backorder, supplies: list[Supply], *, ahead: int) -> None:
    """The supply that brings its last unit. What a store collects comes only with supply for that store."""
    wanted = ahead + row.quantity
    for supply in supplies:
        if row.location_id in (None, supply.location_id):
            wanted -= supply.quantity
            if wanted <= 0:
                break
    else:
        supply = None
    found = (supply.reference, supply.expected_at) if supply else ("", None)
    if found != (row.supply, row.expected_at):
        row.supply, row.expected_at = found
        row.save(update_fields=["supply", "expected_at"])


@asked.told_by
def by_place(sku_ids: Collection[int]) -> dict[tuple[int, int | None], int]:
    """(SKU, store that must serve it or None) → units in the queue, for whoever decides what to buy."""
    rows = Backorder.objects.filter(sku__in=sku_ids, state=BackorderState.WAITING).order_by()
    found = rows.values_list("sku", "location").annotate(units=Sum("quantity"))
    return {(sku, location): units for sku, location, units in found}
