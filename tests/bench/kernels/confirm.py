"""One order of three lines at a time, from received to allocated, through the verb; raw writes the least there is.

Ours checks, plans over five places and writes order, lines, work, ledger, decision, events and mail; both commit alone.
"""

import time

from fulfillment import accepting
from tests.bench import raw, world
from tests.bench.result import Result
from tests.bench.servers import connect

SKUS, PLACES = 10_000, 5


def run(*, quick: bool) -> Result:
    count = 300 if quick else 2_000
    skus = world.goods(SKUS, at=world.places(PLACES), units=100_000)
    ids = world.received(count + 50, skus, channel_id=world.channel().pk)
    for order_id in ids[:50]:
        accepting.accept([order_id])
    ours = _rate([lambda one=order_id: accepting.accept([one]) for order_id in ids[50:]])
    world.settled(ids)
    limit = raw_rate(count)
    return Result("confirm", ours, limit, "orders/s", 0.15, {"orders": count})


def raw_rate(count: int) -> float:
    with connect() as connection:
        raw.prepare(connection, stocks=SKUS, units=100_000)
        orders = raw.orders(count + 50, stocks=SKUS)
        for order in orders[:50]:
            raw.confirm(connection, [order])
        return _rate([lambda one=order: raw.confirm(connection, [one]) for order in orders[50:]])


def _rate(works: list) -> float:
    began = time.perf_counter()
    for work in works:
        work()
    return len(works) / (time.perf_counter() - began)
