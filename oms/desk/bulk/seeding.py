"""Write the bulk shop portion by portion, two at a time. Each is one transaction, after which every invariant holds."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.crypto import get_random_string

from carriers.models import Label, Tracker
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, Parcel, ParcelLine, PickTask, Shipment
from inventory.models import Barcode, BinStock, Sku, StockLevel, StockMovement
from oms.common.models import Address
from oms.desk.bulk import drawing, goods, trade, work, world
from oms.desk.bulk.rows import reserve, reserve_numbers, run, value
from orders.models import Customer, Hold, Order, OrderEvent, OrderLine, OrderSearch, Payment

PORTION = 50_000
CHECKED_UP_TO = 20_000  # smaller shops leave the foreign keys to be checked row by row
MOST_LINES = 6
MEMORY = "SET LOCAL work_mem = '128MB'"
TABLES = (
    Order,
    OrderSearch,
    OrderLine,
    OrderEvent,
    Payment,
    Hold,
    Customer,
    Address,
    Sku,
    Barcode,
    StockLevel,
    BinStock,
)
TABLES += (StockMovement, FulfillmentOrder, FulfillmentOrderLine, PickTask, Shipment, Parcel, ParcelLine, Label)
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
    firsts = range(1, orders + 1, PORTION)
    if workers == 1:
        for first in firsts:
            progress.add(_portion(params, first))
    else:
        for written in _at_once(params, firsts, workers):
            progress.add(written)
    _tidy(tell)


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


def _at_once(params: dict[str, Any], firsts: range, workers: int) -> Iterator[int]:
    def write(first: int) -> int:
        try:
            world.prepare()
            return _portion(params, first)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        for future in as_completed([pool.submit(write, first) for first in firsts]):
            yield future.result()


@transaction.atomic
def _portion(params: dict[str, Any], first: int) -> int:
    params = params | {"first": first, "last": min(first + PORTION - 1, params["total"])}
    run(MEMORY)
    if params["total"] > CHECKED_UP_TO and value("SELECT has_parameter_privilege('session_replication_role', 'SET')"):
        run("SET LOCAL session_replication_role = replica")  # every key is a reserved one, or was just joined with
    drawing.draw(params)
    goods.lay(params)
    trade.write(params)
    work.write(params)
    goods.write(params)
    return params["last"] - first + 1


def _tidy(tell: Tell) -> None:
    """What autovacuum would do in a while: statistics, and pages known to be visible to all."""
    if not connection.in_atomic_block:
        tell("Vacuuming and counting")
        run(f"VACUUM (ANALYZE) {', '.join(model._meta.db_table for model in TABLES)}")
