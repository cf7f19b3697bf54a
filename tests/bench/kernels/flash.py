"""A hundred thousand wishes for one SKU, decided in the order they came; raw does it in batches of five thousand.

There is stock for six in ten. Raw marks a wish granted or refused and moves one counter; ours also writes the ledger,
remembers where the units are kept and until when.
"""

import time

from inventory import wishes
from inventory.models import StockLevel, Wish
from oms.common import invariants
from tests.bench import raw, world
from tests.bench.result import Result
from tests.bench.servers import connect

BATCH = 5_000


def run(*, quick: bool) -> Result:
    count = 10_000 if quick else 100_000
    ours = _ours(count)
    level = StockLevel.objects.get()
    broken = [verdict.rule.text for verdict in invariants.check() if verdict.count]
    granted = list(Wish.objects.order_by("pk").values_list("state", flat=True))
    in_order = granted == ["granted"] * (count * 6 // 10) + ["refused"] * (count - count * 6 // 10)
    assert (in_order, broken) == (True, []), f"first come, first served: {in_order}; broken: {broken}"
    return Result("flash", ours, _raw_rate(count), "wishes/s", 0.15, {"wishes": count, "left": level.available})


def _ours(count: int) -> float:
    places = world.places(1)
    sku = world.goods(1, at=places, units=count * 6 // 10)[0]
    Wish.objects.bulk_create([Wish(sku_id=sku, holder=f"bench:{n}", units=1) for n in range(count)], batch_size=10_000)
    began = time.perf_counter()
    wishes.decide()
    return count / (time.perf_counter() - began)


def _raw_rate(count: int) -> float:
    with connect() as connection:
        raw.prepare(connection, stocks=1, units=count * 6 // 10)
        connection.execute("INSERT INTO raw.wish (stock_id, units) SELECT 1, 1 FROM generate_series(1, %s)", [count])
        connection.execute("ANALYZE raw.wish")
        began = time.perf_counter()
        for _ in range(0, count, BATCH):
            connection.execute(raw.WISHES, {"limit": BATCH})
        return count / (time.perf_counter() - began)
