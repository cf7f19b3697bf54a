"""Ten thousand received orders of three lines, confirmed and allocated together, beside all that is written for them.

Raw writes the very same rows (order, lines, work, ledger, decision, events, mail) with every value ready, 500
orders a statement: it is Postgres alone. `least` is the other end, the fewest tables that hold an order at all.
"""

import time

import psycopg

from fulfillment import accepting, writing
from oms.common.actors import SYSTEM
from tests.bench import raw, world
from tests.bench.result import Result
from tests.bench.servers import connect

SKUS, PLACES, AT_ONCE = 10_000, 5, 500


def run(*, quick: bool) -> Result:
    count = 2_000 if quick else 10_000
    skus, channel = world.goods(SKUS, at=world.places(PLACES), units=100_000), world.channel().pk
    accepting.accept(world.received(500, skus, channel_id=channel, seed=0))
    limit = _same_rows(world.received(count, skus, channel_id=channel, seed=1))
    ids = world.received(count, skus, channel_id=channel, seed=2)
    began = time.perf_counter()
    outcome = accepting.accept(ids)
    ours = outcome.accepted / (time.perf_counter() - began)
    world.settled(ids)
    return Result("bulk", ours, limit, "orders/s", 0.5, {"orders": count, "least": round(_least(count))})


def _same_rows(ids: list[int]) -> float:
    drafts = [accepting._draft(accepting._read(ids[start : start + AT_ONCE])) for start in range(0, len(ids), AT_ONCE)]
    ready = [writing.values(draft.planned, by=SYSTEM) for draft in drafts]
    arguments = [writing.SURE.bound(values) for values in ready]
    with connect() as connection, psycopg.RawCursor(connection) as cursor:
        began = time.perf_counter()
        for values in arguments:
            cursor.execute(writing.SURE.text, values, prepare=False)
        rate = len(ids) / (time.perf_counter() - began)
    world.settled(ids)
    return rate


def _least(count: int) -> float:
    with connect() as connection:
        raw.prepare(connection, stocks=SKUS, units=100_000)
        orders = raw.orders(count, stocks=SKUS)
        began = time.perf_counter()
        for start in range(0, count, AT_ONCE):
            raw.confirm(connection, orders[start : start + AT_ONCE])
        return count / (time.perf_counter() - began)
