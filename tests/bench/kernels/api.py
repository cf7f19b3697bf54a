"""`POST /api/v1/orders` by four clients through the real web server, with a worker that accepts the orders meanwhile.

Raw is the least an order needs, written by four clients, a statement each.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from tempfile import mkdtemp

from oms.accounts import tokens
from oms.accounts.models import User
from oms.stack import processes
from oms.stack.ports import free_port
from oms.stack.services import Services
from orders.models import Order
from tests.bench import raw, world
from tests.bench.result import Result
from tests.bench.servers import connect
from tests.bench.together import at_once

CLIENTS, SKUS, PLACES = 4, 2_000, 5
GOAL = 150.0  # orders a second


def run(*, quick: bool) -> Result:
    count = 400 if quick else 4_000
    world.goods(SKUS, at=world.places(PLACES), units=100_000)
    world.channel()
    token = _token()
    port = free_port()
    with _running(port):
        _wait(port)
        orders = [_bodies(n, count // CLIENTS) for n in range(CLIENTS)]
        began = time.perf_counter()
        seconds, errors = at_once(_post_all, [(port, token, n, bodies) for n, bodies in enumerate(orders)])
        taken = Order.objects.count()
        _wait_until_all_are_confirmed()
        caught_up = round(time.perf_counter() - began, 1)
    rate = count / seconds
    facts = {
        "clients": CLIENTS,
        "orders": taken,
        "errors": errors,
        "asked_for": GOAL,
        "all_allocated_after_s": caught_up,
    }
    limit = _raw_rate(count)
    return Result("api", rate, limit, "orders/s", GOAL / limit, facts)


def _token() -> str:
    user = User.objects.create(email="bench@example.com", name="Bench", role="admin", all_locations=True)
    return tokens.issue(user, "bench", scopes=["orders.enter", "orders.view"])[1]


@contextlib.contextmanager
def _running(port: int) -> Iterator[None]:
    """The web server and a worker, as the launcher starts them."""
    services = Services(logs=Path(mkdtemp(prefix="oms-bench-logs-")), env=os.environ | {"PORT": str(port)})
    children = [services.web(), services.worker()]
    try:
        yield
    finally:
        processes.end(children, patience=30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            connection.getresponse()  # whatever it says of the others, it is there itself
            return
        time.sleep(0.1)
    raise TimeoutError("The web server did not answer within a minute.")


def _bodies(client: int, count: int) -> list[bytes]:
    return [json.dumps(_order(f"{client}-{n}", 1 + (client * count + n) % (SKUS - 2))).encode() for n in range(count)]


def _order(key: str, first: int) -> dict:
    lines = [{"sku": f"B-{first + n}", "quantity": 1 + n, "unit_price": "9.50"} for n in range(3)]
    to = {"name": "Ada Winter", "line1": "Hauptstraße 7", "city": "Berlin", "postal_code": "10117", "country": "DE"}
    return {
        "channel": "bench",
        "external_id": f"API-{key}",
        "placed_at": "2026-11-24T09:30:00Z",
        "currency": "EUR",
        "customer": {"name": "Ada Winter", "email": f"ada{key}@shop.example", "phone": ""},
        "shipping_address": to,
        "lines": lines,
        "payment": {"state": "paid", "amount": "57.00", "reference": f"pay-{key}"},
    }


def _post_all(share: tuple[int, str, int, list[bytes]]) -> None:
    port, token, client, bodies = share
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for number, body in enumerate(bodies):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/orders", body, headers | {"Idempotency-Key": f"{client}-{number}"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise AssertionError(f"{answer.status} {text[:200]!r}")


def _wait_until_all_are_confirmed() -> None:
    deadline = time.monotonic() + 300
    while Order.objects.exclude(state="confirmed").exists():
        if time.monotonic() > deadline:
            raise TimeoutError("The worker did not accept all orders within five minutes.")
        time.sleep(0.2)


def _raw_rate(count: int) -> float:
    with connect() as connection:
        raw.prepare(connection, stocks=SKUS, units=100_000)
    orders = raw.orders(count, stocks=SKUS)
    seconds, _ = at_once(_confirm_all, [orders[n::CLIENTS] for n in range(CLIENTS)])
    return count / seconds


def _confirm_all(orders: list[raw.RawOrder]) -> None:
    with connect() as connection:
        for order in orders:
            raw.confirm(connection, [order])
