"""T06: a process dies on the way in, in the ledger, or with a message in its hands. The next one ends it, once."""

import json
import re
from pathlib import Path

import pytest
from django.db.models.functions import Now

from inventory import stock
from inventory.models import StockLevel, StockMovement
from oms.api.orders import EXAMPLE
from oms.common import crash, outbox
from oms.common.actors import SYSTEM
from oms.common.models import OutboxMessage
from orders import importing, inbound, lifecycle, tasks
from orders.models import Channel, ImportRun, InboundMessage, Order
from tests.dying import dies
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment.books import breaches, verbs

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
HERE = {"intake.stored", "inbound.taken", "order.confirmed", "import.orders_taken", "stock.written", "outbox.handled"}


@pytest.fixture(autouse=True)
def shelf(db):
    put(SkuFactory(code="MUG"), LocationFactory(code="BER"), 10)


@pytest.fixture
def message() -> InboundMessage:
    shop = Channel.objects.create(code="shop", name="Shop", kind="generic", token="token-of-shop")
    body = json.dumps(EXAMPLE).encode()
    return InboundMessage.objects.create(channel=shop, sha256="0" * 64, body=body, headers={})


@pytest.mark.parametrize(("point", "orders"), [("intake.stored", 0), ("inbound.taken", 1)])
def test_a_message_whose_reader_dies_is_read_by_the_next_and_makes_one_order(message, point, orders):
    assert dies(point, lambda: inbound.process(message.pk))
    assert Order.objects.count() == orders

    inbound.process(message.pk)
    inbound.process(message.pk)

    message.refresh_from_db()
    assert (message.state, message.order, Order.objects.count()) == ("processed", Order.objects.get(), 1)
    assert verbs(Order.objects.get()).count("order.received") == 1
    tasks.verify(order_id=Order.objects.get().pk)
    assert breaches() == {}


def test_a_confirmation_that_dies_was_none():
    order = confirmed_order({StockLevel.objects.get().sku: 1}, confirmed=False)

    assert dies("order.confirmed", lambda: lifecycle.confirm(order, by=SYSTEM))
    order.refresh_from_db()
    assert (order.state, order.mails.count()) == ("received", 0)

    lifecycle.confirm(order, by=SYSTEM)
    assert (verbs(order).count("order.confirmed"), order.mails.filter(kind="confirmed").count()) == (1, 1)
    assert breaches() == {}


def test_an_import_whose_worker_dies_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    shop = Channel.objects.create(code="csv", name="File", kind="csv", token="token-of-csv")
    rows = "".join(f"A-{n},2026-11-24T09:30:00Z,MUG,1,9.00\n" for n in range(4))
    run = importing.upload(shop, "a.csv", f"external_id,placed_at,sku,quantity,unit_price\n{rows}".encode(), by=SYSTEM)

    assert dies("import.orders_taken:2", lambda: importing.start(run, by=SYSTEM) and importing.take_in(run.pk))
    assert Order.objects.count() == 2

    importing.take_in(run.pk)
    importing.take_in(run.pk)
    assert (ImportRun.objects.get().state, Order.objects.count()) == ("done", 4)
    assert breaches() == {}


def test_a_movement_that_dies_moved_nothing():
    level = StockLevel.objects.get()
    wants = {(level.sku_id, level.location_id): 4}
    before = StockMovement.objects.count()

    assert dies("stock.written", lambda: stock.allocate(wants, reference="FO-1", by=SYSTEM))
    level.refresh_from_db()
    assert (level.allocated, StockMovement.objects.count(), breaches()) == (0, before, {})

    stock.allocate(wants, reference="FO-1", by=SYSTEM)
    level.refresh_from_db()
    assert (level.allocated, StockMovement.objects.count()) == (4, before + 1)


def test_a_message_whose_worker_dies_goes_out_again_when_its_lease_is_over(tmp_path, monkeypatch):
    heard = tmp_path / "heard"

    def hear(message: OutboxMessage) -> None:
        with heard.open("a") as file:
            file.write(f"{message.key}\n")

    monkeypatch.setitem(outbox.HANDLERS, "test.crash", hear)
    message = OutboxMessage.objects.create(topic="test.crash", key="once", payload={})

    assert dies("outbox.handled", outbox.drain)
    outbox.drain()
    message.refresh_from_db()
    assert (message.state != "delivered", heard.read_text()) == (True, "once\n")

    OutboxMessage.objects.update(lease_until=Now())
    outbox.drain()
    message.refresh_from_db()
    assert (message.state, message.attempts, heard.read_text()) == ("delivered", 2, "once\nonce\n")


def test_every_crash_point_of_the_house_is_tried_somewhere():
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))

    assert {point for point in crash.POINTS if not re.search(rf'"{re.escape(point)}[":]', tests)} == set()
    assert len(crash.POINTS) >= 25
    assert HERE <= crash.POINTS
