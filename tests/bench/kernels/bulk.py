"""Ten thousand received orders of three lines, confirmed and allocated together; raw does as many set by set."""

import time

from fulfillment import accepting
from tests.bench import raw, world
from tests.bench.result import Result
from tests.bench.servers import connect

SKUS, PLACES, AT_ONCE = 10_000, 5, 500


def run(*, quick: bool) -> Result:
    count = 2_000 if quick else 10_000
    skus = world.goods(SKUS, at=world.places(PLACES), units=100_000)
    ids = world.received(count, skus, channel_id=world.channel().pk)
    accepting.accept(ids[:100])
    began = time.perf_counter()
    outcome = accepting.accept(ids[100:])
    ours = outcome.accepted / (time.perf_counter() - began)
    world.settled(ids)
    return Result("bulk", ours, _raw_rate(count), "orders/s", 0.5, {"orders": count})


def _raw_rate(count: int) -> float:
    with connect() as connection:
        raw.prepare(connection, stocks=SKUS, units=100_000)
        orders = raw.orders(count, stocks=SKUS)
        began = time.perf_counter()
        for start in range(0, count, AT_ONCE):
            raw.confirm(connection, orders[start : start + AT_ONCE])
        return count / (time.perf_counter() - began)
