"""Write the bulk shop portion by portion, two at a time. Each is one transaction, after which every invariant holds."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils.crypto import get_random_string

from carriers.models import Label, Tracker
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, Parcel, ParcelLine, PickTask, Shipment
from inventory import days
from inventory.models import Barcode, BinStock, Sku, StockDay, StockLevel, StockMovement
from oms.common.models import Address
from oms.desk.bulk import drawing, goods, trade, work, world
from oms.desk.bulk.rows import reserve, reserve_numbers, run, value
from orders.models import Customer, Hold, Order, OrderEvent, OrderLine, OrderSearch, Payment

PORTION = 50_000
CHECKED_UP_TO = 20_000  # smaller shops leave the foreign keys to be checked row by row
MOST_LINES = 6
MEMORY = "SET LOCAL work_mem = '128MB'"
TABLES = (Order, OrderSearch, OrderLine, OrderEvent, Payment, Hold, Customer, Address, Sku, Barcode, StockMovement)
TABLES += (FulfillmentOrder, FulfillmentOrderLine, PickTask, Shipment, Parcel, ParcelLine, Label, StockLevel, BinStock)
Tell = Callable[[str], None]


@dataclass
class Progress:
    orders: int
    tell: Tell
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    def add(self, written: int) -> None:
        self.done += written
        rate = self.done / max(time.monotonic() - self.began, 0.001)
        self.tell(f"{self.done:>10,} of {self.orders:,} orders, {rate:,.0f} a second")


def seed(orders: int, skus: int, seed: int, *, workers: int = 2, tell: Tell) -> None:
    """`workers` connections at once; one runs in the caller's own transaction."""
    params = _params(orders, skus, seed)
    progress = Progress(orders, tell)
    for written in _at_once([partial(_portion, params, first) for first in range(1, orders + 1, PORTION)], workers):
        progress.add(written)
    tell("Adding up days, vacuuming and counting")
    for _ in _at_once([partial(_add_up, params), *(partial(_tidy, table) for table in TABLES)], workers):
        pass


def _params(orders: int, skus: int, seed: int) -> dict[str, Any]:
    """All ids and numbers are set aside first, so that rows can name each other before they are written."""
    world.prepare()
    params = world.lay_out(orders, skus, seed).params
    with transaction.atomic():
        params |= work.door(params)
    params |= {"total": orders, "salt": get_random_string(12), "lines": reserve(OrderLine, MOST_LINES * (orders + 1))}
    params |= {"fols": reserve(FulfillmentOrderLine, MOST_LINES * (orders + 1)), "orders": reserve(Order, orders)}
    params |= {"fos": reserve(FulfillmentOrder, orders), "shipments": reserve(Shipment, orders)}
    params |= {"parcels": reserve(Parcel, orders), "trackers": reserve(Tracker, orders)}
    params |= {"labels": reserve(Label, orders), "order_numbers": reserve_numbers("order", orders)}
    params |= {"fo_numbers": reserve_numbers("fulfillment", orders)}
    return params | {"shipment_numbers": reserve_numbers("shipment", orders)}


def _at_once(works: Sequence[Callable[[], int]], workers: int) -> Iterator[int]:
    """What each did, as they end."""
    if workers == 1:
        yield from (work() for work in works)
        return
    with ThreadPoolExecutor(workers) as pool:
        for future in as_completed([pool.submit(_apart, work) for work in works]):
            yield future.result()


def _apart(work: Callable[[], int]) -> int:
    """On a connection of its own."""
    try:
        world.prepare()
        return work()
    finally:
        connection.close()


@transaction.atomic
def _portion(params: dict[str, Any], first: int) -> int:
    params = params | {"first": first, "last": min(first + PORTION - 1, params["total"])}
    _unhindered(params)
    drawing.draw(params)
    goods.lay(params)
    trade.write(params)
    work.write(params)
    goods.write(params)
    return params["last"] - first + 1


def _unhindered(params: dict[str, Any]) -> None:
    """For this transaction."""
    run(MEMORY)
    if params["total"] > CHECKED_UP_TO and value("SELECT has_parameter_privilege('session_replication_role', 'SET')"):
        run("SET LOCAL session_replication_role = replica")  # every key is a reserved one, or was just joined with


def _add_up(params: dict[str, Any]) -> int:
    """From the first day on: what was written lies in days that may have been added up before."""
    with transaction.atomic():
        _unhindered(params)
        StockDay.objects.all().delete()
        days.add_up()
    return _tidy(StockDay)


def _tidy(model: type[Model]) -> int:
    """What autovacuum would do in a while: statistics, and pages known to be visible to all."""
    return 0 if connection.in_atomic_block else run(f"VACUUM (ANALYZE) {model._meta.db_table}")
