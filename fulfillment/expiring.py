"""Lots that are over though they were promised: the promise moves to good units, or its order is sourced again.

Units that are picked can't be moved; a case names them, and what else could not be set aside.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from fulfillment import giving_back, settling, waves
from fulfillment.giving_back import Displaced
from fulfillment.models import FulfillmentOrderLine, PickTask
from fulfillment.statuses import PickTaskState
from inventory import lots
from inventory.models import Location, StockLevel
from inventory.stock import ledger
from inventory.stock.ledger import Key
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.locking import lock, retrying


def sweep(*, today: date | None = None, by: Any = SYSTEM) -> int:
    """All that is over is set aside; how many units. Safe to run twice."""
    places = sorted({(row.sku_id, row.bin.location_id) for row in lots.over(today=today)})
    moved = sum(clear(key, today=today, by=by)[0] for key in places)
    return moved + lots.set_aside_expired(today=today, by=by)


@retrying
@transaction.atomic
def clear(key: Key, *, today: date | None = None, by: Any) -> tuple[int, Displaced]:
    """One SKU at one place: units set aside, and what was displaced for that.

    As many unpicked units as its good lots can't serve are given back, those of the newest orders first; stops that
    lead to a lot that is over lead to a good one.
    """
    told, bad = Displaced(), {row.lot_id for row in lots.over(key, today=today)}
    if not bad:
        return 0, told
    newest = giving_back.newest(key, _short(key, today))
    lines = giving_back.locked([*newest, *(pk for pk in _led_there(key, bad) if pk not in newest)])
    ledger.lock_levels([key])
    giving = [line for line in lines if line.pk in newest]
    giving_back.give_back(giving, _short(key, today), "its lot is over", told, by=by)
    crash_point("expiring.given_back")
    moved = sum(lots.set_aside(row, by=by) for row in lots.over(key, today=today))
    _lead_elsewhere(lines, key, bad)
    return moved, told


def _short(key: Key, today: date | None) -> int:
    """Units that are over and can't be set aside, for all that is not promised is less."""
    over = sum(row.quantity for row in lots.over(key, today=today))
    level = StockLevel.objects.get(sku=key[0], location=key[1])
    return max(over - max(level.on_hand - level.allocated - level.reserved - level.damaged, 0), 0)


def _led_there(key: Key, bad: Collection[int]) -> list[int]:
    """Lines whose stops want units of these lots."""
    tasks = PickTask.objects.filter(sku=key[0], bin__location=key[1], lot__in=bad, state=PickTaskState.PENDING)
    return list(tasks.order_by("fulfillment_line").values_list("fulfillment_line", flat=True).distinct())


def _lead_elsewhere(lines: Collection[FulfillmentOrderLine], key: Key, bad: Collection[int]) -> None:
    tasks = PickTask.objects.filter(fulfillment_line__in=lines, lot__in=bad, state=PickTaskState.PENDING)
    stops = lock(tasks.filter(quantity__gt=F("picked")).select_related("pick_list"))
    if not stops:
        return
    books = waves.books_of(Location.objects.get(pk=key[1]), {key[0]}, but_lots=bad)
    for task in stops:
        gives = books.take(task.sku_id, task.remaining)
        waves.lead_on(task, gives)
        task.quantity -= sum(give.units for give in gives)
        if not task.remaining:
            settling.end_task(task)
        task.save()
