"""A count found fewer units than were promised: the newest orders give theirs back and are sourced again."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from fulfillment import sourcing
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine
from fulfillment.statuses import LIVE_STATES
from inventory import counting
from inventory.models import CycleCount
from inventory.stock import ledger
from inventory.stock.ledger import Key
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders.models import Order

TRIES = 5


@dataclass
class Displaced:
    """(order, SKU, units) that have no place any more."""

    units: list[tuple[str, str, int]] = field(default_factory=list)


class _Moved(Exception):
    """Work changed between looking and locking."""


@retrying
def approve(count: CycleCount, *, by: Any) -> Displaced:
    """Post the differences of a count. Units of unpicked work that are missing go back to sourcing, newest order first.

    Refused when what is missing is picked already or kept back: then the bin is counted again, or the keeping ends.
    """
    for _ in range(TRIES):
        chosen = [line for key, units in counting.shortages(count).items() for line in _newest(key, units)]
        try:
            return _displace_and_post(count, chosen, by=by)
        except _Moved:
            continue
    raise Refused(
        f"More is missing than unpicked orders at {count.location} can give back. Count the bin again, or end what is"
        " kept back there."
    )


def _newest(key: Key, units: int) -> list[int]:
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


@transaction.atomic
def _displace_and_post(count: CycleCount, chosen: list[int], *, by: Any) -> Displaced:
    lines = _locked(chosen)
    lock(CycleCount.objects.filter(pk=count.pk))
    ledger.lock_levels({(line.sku_id, count.location_id) for line in counting.differences(count)})
    told = Displaced()
    for key, units in counting.shortages(count).items():
        _give_back([line for line in lines if line.sku_id == key[0]], units, f"missing: {count}", told, by=by)
    crash_point("displacing.given_back")
    counting.post(count, by=by)
    return told


def _locked(chosen: list[int]) -> list[FulfillmentOrderLine]:
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


def _give_back(lines: list[FulfillmentOrderLine], units: int, reason: str, told: Displaced, *, by: Any) -> None:
    for line in lines:
        taken = min(units, line.quantity - line.picked)
        if taken > 0:
            sourcing.give_up(line, taken, reason=reason, by=by)
            told.units.append((str(line.fulfillment_order.order), line.sku.code, taken))
            units -= taken
    if units > 0:
        raise _Moved
