"""Both directions of a channel over real HTTP: its orders come in signed, what became of them goes back signed."""

import copy

import httpx
import pytest
from django.utils import timezone

from oms.api.orders import EXAMPLE
from oms.common import outbox
from oms.common.actors import SYSTEM
from oms.common.models import OutboxMessage
from orders import setup
from orders.channels import outbound
from orders.channels.base import ShipmentNotice
from orders.channels.fake import FakeShop
from orders.models import Channel, InboundMessage, Order
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    with FakeShop() as shop:
        yield shop


@pytest.fixture
def channel(shop, live_server, settings) -> Channel:
    settings.OMS_ALLOW_PRIVATE_HOSTS = [shop.address]
    put(SkuFactory(code="MUG"), LocationFactory(code="BER"), 50)
    channel = setup.save_channel(
        Channel(code="shop", name="Shop", kind="generic"),
        config={"callback_url": shop.callback_url},
        secret="a long secret",
        by=SYSTEM,
    )
    shop.connect(f"{live_server.url}/webhooks/{channel.token}/", "a long secret")
    return channel


def sale(**changes) -> dict:
    order = copy.deepcopy(EXAMPLE) | changes
    return {name: value for name, value in order.items() if name not in ("external_id", "channel")} | changes


def notice(order: Order) -> ShipmentNotice:
    return ShipmentNotice(
        reference="SH-1",
        carrier="Own van",
        service="standard",
        tracking_numbers=("T1",),
        tracking_urls=("https://example.org/T1",),
        lines={order.lines.get().pk: 2},
        shipped_at=timezone.now(),
    )


def test_a_sale_becomes_an_order_and_a_second_delivery_none(shop, channel):
    shop.sell(sale(), way="twice")

    while shop.books.whole()["waiting"]:
        shop.sending.flush()

    order = Order.objects.get()
    assert (order.external_id, order.state) == ("S-00001", "confirmed")
    assert InboundMessage.objects.get().repeats == 1
    assert [row["answer"] for row in shop.books.whole()["deliveries"]] == ["202", "202"]
    assert breaches() == {}


def test_sales_out_of_order_are_all_taken(shop, channel):
    for number in range(4):
        shop.sell(sale(customer={"name": f"C{number}", "email": f"c{number}@example.org"}), way="late")

    shop.sending.flush()

    assert sorted(Order.objects.values_list("external_id", flat=True)) == [f"S-0000{n}" for n in range(1, 5)]


def test_the_shop_is_told_of_shipments_once_and_in_their_words(shop, channel):
    shop.sell(sale(lines=[{"id": "L-1", "sku": "MUG", "quantity": 2, "unit_price": "25.00"}]))
    shop.sending.flush()
    order = Order.objects.get()

    for _ in range(2):
        outbound.announce_shipment(order, notice(order))
    outbox.drain()

    (told,) = shop.books.whole()["told"]
    assert (told["topic"], told["sale"], told["times"]) == ("shipment", "S-00001", 1)
    assert told["body"]["lines"] == [{"line": "L-1", "sku": "MUG", "quantity": 2}]
    assert told["body"]["tracking_numbers"] == ["T1"]


@pytest.mark.parametrize("fault", ["503", "429", "cut_after"])
def test_a_shop_that_fails_is_told_again_and_counts_it_once(shop, channel, fault):
    shop.sell(sale())
    shop.sending.flush()
    order = Order.objects.get()
    shop.set({"faults": [fault]})

    outbound.announce_cancellation(order, {order.lines.get().pk: 1}, reference="C-1", reason="customer")
    outbox.drain()
    assert OutboxMessage.objects.filter(topic="channel.tell", state="retry").count() == 1
    OutboxMessage.objects.update(next_at=timezone.now())
    outbox.drain()

    (told,) = shop.books.whole()["told"]
    assert told["times"] == (2 if fault == "cut_after" else 1)


def test_a_refusal_is_not_tried_again(shop, channel):
    shop.sell(sale())
    shop.sending.flush()
    shop.set({"faults": ["422"]})

    outbound.announce_refund(Order.objects.get(), 5, reference="R-1")
    outbox.drain()

    assert OutboxMessage.objects.get(topic="channel.tell").state == "dead"


def test_a_channel_that_does_not_listen_is_not_told(shop, channel):
    shop.sell(sale())
    shop.sending.flush()
    channel.config = {}
    channel.save()

    outbound.announce_shipment(Order.objects.get(), notice(Order.objects.get()))

    assert not OutboxMessage.objects.filter(topic="channel.tell").exists()


def test_the_shop_is_driven_over_http_and_guards_its_door(shop, channel):
    assert httpx.post(f"{shop.url}/v1/orders", json={"order": sale(external_id="X-9")}).json()["external_id"] == "X-9"
    assert httpx.post(f"{shop.url}/told", content=b"{}").status_code == 401
    assert httpx.post(f"{shop.url}/_admin/hook", json={"url": "http://example.org/", "secret": "s"}).status_code == 422
    assert httpx.post(f"{shop.url}/_admin/faults", json={"faults": ["nonsense"]}).status_code == 422
    assert httpx.post(f"{shop.url}/v1/orders", json={"nothing": 1}).status_code == 422
    assert httpx.post(f"{shop.url}/_admin/flush").json() in ({"taken": 1}, {"taken": 0})
    assert list(httpx.get(f"{shop.url}/_admin/books").json()["orders"]) == ["X-9"]
