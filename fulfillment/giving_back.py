"""Units that are not there any more: the newest orders give back what nobody has picked, and are sourced again."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from fulfillment import sourcing
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine
from fulfillment.statuses import LIVE_STATES
from inventory.stock.ledger import Key
from oms.common.locking import lock
from orders.models import Order


@dataclass
class Displaced:
    """(order, SKU, units) that have no place any more."""

    units: list[tuple[str, str, int]] = field(default_factory=list)


def newest(key: Key, units: int) -> list[int]:
    """Lines with so many unpicked units together, those of the newest order first."""
    sku, location = key
    rows = FulfillmentOrderLine.objects.filter(
        sku=sku, fulfillment_order__location=location, fulfillment_order__state__in=LIVE_STATES
    ).filter(quantity__gt=F("picked"))
    chosen = []
    for pk, free in rows.order_by("-order_line__order__placed_at", "-pk").values_list(
        "pk", F("quantity") - F("picked")
    ):
        if units <= 0:
            break
        chosen.append(pk)
        units -= free
    return chosen


def locked(chosen: Collection[int]) -> list[FulfillmentOrderLine]:
    """In the order they were chosen, each with its work and order, all under lock."""
    rows = FulfillmentOrderLine.objects.filter(pk__in=chosen)
    orders = {
        order.pk: order for order in lock(Order.objects.filter(fulfillment_orders__in=rows.values("fulfillment_order")))
    }
    works = {}
    for mine in lock(
        FulfillmentOrder.objects.filter(pk__in=rows.values("fulfillment_order")).select_related("location")
    ):
        mine.order = orders[mine.order_id]
        works[mine.pk] = mine
    lines = {line.pk: line for line in lock(rows.select_related("order_line", "sku"))}
    for line in lines.values():
        line.fulfillment_order = works[line.fulfillment_order_id]
    return [lines[pk] for pk in chosen]


def give_back(lines: Collection[FulfillmentOrderLine], units: int, reason: str, told: Displaced, *, by: Any) -> int:
    """Call with all of it locked, stock too. The units that these lines could not give."""
    for line in lines:
        taken = min(units, line.quantity - line.picked)
        if taken > 0:
            sourcing.give_up(line, taken, reason=reason, by=by)
            told.units.append((str(line.fulfillment_order.order), line.sku.code, taken))
            units -= taken
    return units
