"""Sixteen writers, and every order wants the same SKU and two others: no unit twice, no error to a caller.

Both sides run sixteen processes; raw writes its order in one guarded statement. There is stock for all but a tenth.
"""

import multiprocessing
import time

from django.db import connection as django_connection

from fulfillment import accepting
from inventory.models import StockLevel
from orders.models import Order
from tests.bench import raw, world
from tests.bench.result import Result
from tests.bench.servers import connect

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
    seconds, errors = _at_once(_accept_all, [ids[n::WRITERS] for n in range(WRITERS)])
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
    seconds, _ = _at_once(_confirm_all, [orders[n::WRITERS] for n in range(WRITERS)])
    return count / seconds


def _confirm_all(orders: list[raw.RawOrder]) -> int:
    with connect() as connection:
        for order in orders:
            raw.confirm(connection, [order])
    return len(orders)


def _at_once(work, shares: list) -> tuple[float, int]:
    """(seconds from the common start until the last has ended, writers that ended with an error)."""
    django_connection.close()
    context = multiprocessing.get_context("fork")
    barrier, answers = context.Barrier(len(shares) + 1), context.Queue()
    writers = [context.Process(target=_run, args=(work, share, barrier, answers)) for share in shares]
    for writer in writers:
        writer.start()
    barrier.wait(60)
    began = time.perf_counter()
    told = [answers.get(timeout=600) for _ in writers]
    seconds = time.perf_counter() - began
    for writer in writers:
        writer.join()
    return seconds, sum(answer != "done" for answer in told)


def _run(work, share: list, barrier, answers) -> None:
    django_connection.ensure_connection()
    barrier.wait(60)
    try:
        work(share)
        answers.put("done")
    except Exception as e:
        answers.put(f"{type(e).__name__}: {e}")
    finally:
        django_connection.close()
