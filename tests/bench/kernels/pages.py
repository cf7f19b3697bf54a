"""Every page at a million orders: whole requests, beside the main query of the slowest page asked by hand."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from fulfillment.models import Parcel, Shipment, Wave
from oms.accounts.models import User
from oms.common import pagination
from orders.models import Order, OrderLine
from tests.bench.result import Result

ORDERS, SKUS, ASKED = 1_000_000, 20_000, 60
PAGE_MS, SEARCH_MS, MOST_QUERIES = 100, 50, 12
FILTERS = ("is:held", "is:late", "is:to-ship", "is:backordered", "is:attention", "is:unpaid", "state:confirmed")
FILTERS += ("state:closed", "state:cancelled", "channel:bulk-phone", "fulfillment:shipped", "placed:today")
ROOMS = ("desk:home", "desk:counts", "inventory:index", "fulfillment:index", "fulfillment:waves", "fulfillment:pick")
ROOMS += ("fulfillment:pack", "fulfillment:ship", "fulfillment:handover")
Urls = list[str]


def run(*, quick: bool) -> Result:
    orders = 20_000 if quick else ORDERS
    if not Order.objects.exists():
        call_command("seed_bulk", orders=orders, skus=orders // 50, verbosity=0)
    client = _admin()
    seen = {name: _measured(client, urls) for name, urls in _pages(random.Random(1)).items()}
    slowest = max(seen, key=lambda name: seen[name]["p95"] / _limit(name))
    raw = _by_hand(client, _pages(random.Random(1))[slowest])
    asked = max(page["queries"] for page in seen.values())
    if asked > MOST_QUERIES:
        raise AssertionError(f"A page asks {asked} questions, and {MOST_QUERIES} are the most: {seen}")
    facts = {"orders": Order.objects.count(), "slowest": slowest, "pages": seen, "most_queries": asked}
    ours = seen[slowest]["p95"]
    return Result("pages", ours=ours, raw=raw, unit="ms", goal=raw / _limit(slowest), facts=facts)


def _limit(page: str) -> float:
    return SEARCH_MS if page.startswith("search ") else PAGE_MS


def _admin() -> Client:
    client = Client()
    facts = {"name": "Bench", "role": "admin", "all_locations": True}
    user, _ = User.objects.get_or_create(email="bench@example.com", defaults=facts)
    client.force_login(user)
    return client


def _pages(chance: random.Random) -> dict[str, Urls]:
    """name → addresses, each of another row where it is about one."""
    orders = _some(Order.objects.select_related("shipping_address"), chance)
    lines = _some(OrderLine.objects.select_related("sku"), chance)
    index = reverse("orders:index")
    asked = {"orders": [index] * ASKED, "orders, deep page": [_deep(index, order) for order in orders]}
    asked |= {f"orders {words}": [_query(index, words)] * ASKED for words in FILTERS}
    asked["orders by sku"] = [_query(index, f"sku:{line.sku_code}") for line in lines]
    asked["orders by e-mail"] = [_query(index, f"email:{order.email}") for order in orders]
    asked["orders by words"] = [_query(index, order.customer_name) for order in orders]
    for name, words in _keys(orders, lines, _some(Parcel.objects.exclude(tracking_number=""), chance)):
        asked[f"search {name}"] = [_query(reverse("desk:search"), word) for word in words]
    asked["order"] = [order.get_absolute_url() for order in orders]
    asked["sku"] = [line.sku.get_absolute_url() for line in lines]
    asked |= {name: [reverse(name)] * ASKED for name in ROOMS}
    return asked | _stations()


def _some(rows: Any, chance: random.Random) -> list[Any]:
    """Different rows from all over the table."""
    first, last = rows.order_by("pk").first().pk, rows.order_by("pk").last().pk
    return [rows.filter(pk__gte=chance.randint(first, last)).order_by("pk").first() for _ in range(ASKED)]


def _deep(index: str, order: Order) -> str:
    terms = ["-placed_at", "-pk"]
    return f"{index}?{urlencode({'after': pagination.cursor(order, terms)})}"


def _query(path: str, words: str) -> str:
    return f"{path}?{urlencode({'q': words})}"


def _keys(orders: list[Order], lines: list[OrderLine], parcels: list[Parcel]) -> Iterator[tuple[str, list[str]]]:
    yield "number", [order.number for order in orders]
    yield "external id", [order.external_id for order in orders]
    yield "e-mail", [order.email for order in orders]
    yield "name", [order.customer_name for order in orders]
    yield "first name", [order.customer_name.split()[0] for order in orders]
    yield "phone", [order.phone for order in orders]
    yield "postcode", [order.shipping_address.postal_code for order in orders]
    yield "city", [order.shipping_address.city for order in orders]
    yield "SKU", [line.sku_code for line in lines]
    yield "tracking number", [parcel.tracking_number for parcel in parcels]
    yield "nothing", [f"nobody{n}" for n in range(ASKED)]


def _stations() -> dict[str, Urls]:
    waves = Wave.objects.order_by("-pk")[:ASKED]
    shipments = Shipment.objects.filter(state="sealed").order_by("pk")[:ASKED]
    return {
        "wave": [reverse("fulfillment:wave", args=[wave.number]) for wave in waves],
        "ship one": [reverse("fulfillment:ship-shipment", args=[one.number]) for one in shipments],
    }


def _get(client: Client, url: str) -> None:
    """As a part where a number would lead elsewhere: the palette asks so."""
    answer = client.get(url, headers={"HX-Request": "true"} if url.startswith(reverse("desk:search")) else {})
    if answer.status_code != 200:
        raise AssertionError(f"{url} answered {answer.status_code}")


def _measured(client: Client, urls: Urls) -> dict[str, float]:
    """The first request of a page compiles its templates, and is the one whose queries are counted."""
    with CaptureQueriesContext(connection) as queries:
        _get(client, urls[0])
        asked = len(queries)
    began = time.process_time()
    took = [_ms(lambda url=url: _get(client, url)) for url in urls * max(1, ASKED // len(urls))]
    cpu = (time.process_time() - began) * 1000 / len(took)
    told = {"p50": statistics.median(took), "p95": _p95(took), "cpu": cpu}  # cpu: of ours alone, whoever else is busy
    return {name: round(ms, 1) for name, ms in told.items()} | {"queries": asked}


def _by_hand(client: Client, urls: Urls) -> float:
    """p95 of the slowest query of each of these requests, prepared, without a framework."""
    main = []
    for url in urls:
        with CaptureQueriesContext(connection) as queries:
            _get(client, url)
        main.append(max(queries.captured_queries, key=lambda query: float(query["time"]))["sql"])
    with psycopg.connect(_dsn(), autocommit=True) as raw:
        for sql in main:
            raw.execute(sql, prepare=True).fetchall()
        return _p95([_ms(lambda sql=sql: raw.execute(sql, prepare=True).fetchall()) for sql in main])


def _dsn() -> str:
    told = settings.DATABASES["default"]
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return psycopg.conninfo.make_conninfo(**{name: told[key] for name, key in names.items() if told[key]})


def _ms(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95)]
