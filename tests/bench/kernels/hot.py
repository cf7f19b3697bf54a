"""Sixteen writers, and every order wants the same SKU and two others: no unit twice, no error to a caller.

Both sides run sixteen processes; raw writes its order in one guarded statement. There is stock for all but a tenth.
"""

from fulfillment import accepting
from inventory.models import StockLevel
from orders.models import Order
from tests.bench import raw, world
from tests.bench.result import Result
from tests.bench.servers import connect
from tests.bench.together import at_once

WRITERS, SKUS = 16, 1_000


def run(*, quick: bool) -> Result:
    count = 640 if quick else 4_800
    ours, facts = _ours(count)
    return Result("hot", ours, _raw_rate(count), "orders/s", 0.5, {"writers": WRITERS, "orders": count, **facts})


def _ours(count: int) -> tuple[float, dict]:
    places = world.places(1)
    skus = world.goods(SKUS, at=places, units=1_000_000)
    hot = world.goods(1, at=places, units=count * 9 // 10, prefix="HOT")[0]
    ids = world.received(count, skus, hot=hot, channel_id=world.channel().pk)
    seconds, errors = at_once(_accept_all, [ids[n::WRITERS] for n in range(WRITERS)])
    level = StockLevel.objects.get(sku=hot)
    world.settled(ids)
    waiting = Order.objects.filter(pk__in=ids, fulfillment_state="partially_allocated").count()
    return count / seconds, {
        "oversold": max(0, -level.available),
        "left": level.available,
        "waiting": waiting,
        "errors": errors,
    }


def _accept_all(ids: list[int]) -> int:
    for order_id in ids:
        accepting.accept([order_id])
    return len(ids)


def _raw_rate(count: int) -> float:
    with connect() as connection:
        raw.prepare(connection, stocks=SKUS + 1, units=1_000_000)
    orders = raw.orders(count, stocks=SKUS, hot=SKUS + 1)
    seconds, _ = at_once(_confirm_all, [orders[n::WRITERS] for n in range(WRITERS)])
    return count / seconds


def _confirm_all(orders: list[raw.RawOrder]) -> int:
    with connect() as connection:
        for order in orders:
            raw.confirm(connection, [order])
    return len(orders)
