"""T02: a hundred orders of many items are placed, cut, cancelled and amended in the same minute by many hands."""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from fulfillment import amendments, cancellation, sourcing
from fulfillment.amendments import Action
from inventory.models import Sku, StockLevel
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from orders.models import Order, OrderEvent
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS, SKUS, LINES, HANDS, UNITS = 100, 20, 6, 12, 22


@dataclass(frozen=True)
class Told:
    """What came of one act: an error's name or nothing, and how long its caller waited."""

    act: str
    order: int
    error: str
    seconds: float


def in_some_hands(acts: list[tuple[str, Order, Callable[[], Any]]]) -> list[Told]:
    def do(one: tuple[str, Order, Callable[[], Any]]) -> Told:
        name, order, act = one
        began, error = time.monotonic(), ""
        try:
            act()
        except Refused:
            error = "refused"
        except Exception as e:
            error = f"{type(e).__name__}: {e}"
        finally:
            connection.close()
        return Told(name, order.pk, error, time.monotonic() - began)

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(do, acts))


def acts_on(order: Order, skus: list[Sku], dice: random.Random) -> list[tuple[str, Order, Callable[[], Any]]]:
    """One unit of a line off, twice; a line more; and of every fourth order all of it off."""
    first, *_ = order.lines.order_by("position")
    more = Action("add_line", {"sku": dice.choice(skus).code, "quantity": 1})

    def cut() -> None:
        cancellation.cancel(order, quantities={first.pk: 1}, reason="one less", by=SYSTEM)

    acts = [
        ("route", order, lambda: sourcing.route(order.pk, by=SYSTEM)),
        ("cut", order, cut),
        ("cut", order, cut),
        ("add", order, lambda: amendments.amend(order, [more], by=SYSTEM)),
    ]
    if order.pk % 4 == 0:
        acts.append(("cancel", order, lambda: cancellation.cancel(order, reason="no more", by=SYSTEM)))
    return acts


def deadlocks() -> int:
    """Of this database so far, those that were tried again without anybody's notice included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def test_a_hundred_orders_are_placed_cut_cancelled_and_amended_at_once_and_nothing_is_lost():
    """T02: 6 random SKUs of 20 an order, from two places, with less stock than is wanted."""
    dice = random.Random(2)
    skus = SkuFactory.create_batch(SKUS)
    places = [LocationFactory(code=code) for code in ("BER", "HAM")]
    for n, sku in enumerate(skus):  # the levels of the two places are numbered in turns
        put(sku, places[n % 2], UNITS)
        put(sku, places[1 - n % 2], UNITS // 2)
    orders = [confirmed_order(dict.fromkeys(dice.sample(skus, LINES), 3), paid=False) for _ in range(ORDERS)]
    acts = [act for order in orders for act in acts_on(order, skus, dice)]
    dice.shuffle(acts)
    before = deadlocks()

    told = in_some_hands(acts)

    assert [one for one in told if one.error not in ("", "refused")] == []
    done = Counter((one.act, one.order) for one in told if not one.error)
    for order in Order.objects.prefetch_related("lines"):
        lines = sorted(order.lines.all(), key=lambda line: line.position)
        assert len(lines) == LINES + done["add", order.pk]
        if order.state == "confirmed":
            assert [line.cancelled for line in lines] == [done["cut", order.pk]] + [0] * (len(lines) - 1)
            assert [line.allocated + line.backordered + line.cancelled for line in lines] == [
                line.ordered for line in lines
            ]
        else:
            assert [line.cancelled for line in lines] == [line.ordered for line in lines]
        events = list(OrderEvent.objects.filter(order=order).order_by("seq").values_list("seq", "verb"))
        assert [seq for seq, _ in events] == list(range(1, order.event_count + 1))
        assert [verb for _, verb in events].count("order.amended") == done["add", order.pk]
    assert Counter(Order.objects.values_list("state", flat=True))["cancelled"] == ORDERS // 4
    assert {level.on_hand for level in StockLevel.objects.all()} == {UNITS, UNITS // 2}
    assert deadlocks() - before == 0
    assert breaches() == {}
    waits = sorted(one.seconds for one in told)
    print(f"T02: {len(told)} acts, p95 {waits[len(waits) * 95 // 100]:.2f} s, longest {waits[-1]:.2f} s")
