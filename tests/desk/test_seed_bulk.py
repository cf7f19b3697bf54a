"""A shop of any size is a sound one: every invariant holds, every page answers, one seed gives one shop."""

from datetime import UTC, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from fulfillment.models import FulfillmentOrder, Shipment, Wave
from inventory.models import Barcode, Sku, StockDay, StockMovement
from oms.desk.bulk import seeding, stages
from orders import searching
from orders.models import Order, OrderLine
from tests.factories.fulfillment import confirmed_order, person
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS, SKUS = 2000, 200


def seed(orders: int = ORDERS, **options: Any) -> str:
    told = StringIO()
    call_command("seed_bulk", orders=orders, skus=SKUS, stdout=told, **options)
    return told.getvalue()


def facts(after: int = 0) -> list[tuple]:
    """Who bought what, and how far it has come, of orders behind this id."""
    lines = OrderLine.objects.filter(order__gt=after).order_by("pk").values_list("position", "ordered", "total")
    orders = Order.objects.filter(pk__gt=after).order_by("pk")
    told = orders.values_list("state", "fulfillment_state", "hold_state", "customer_name", "total")
    return [*told, *lines]


def test_two_thousand_orders_are_coherent_and_every_page_answers():
    told = seed(seed=3)

    assert "2,000 of 2,000 orders" in told
    assert breaches() == {}
    assert Order.objects.count() == ORDERS
    assert Order.objects.filter(state__in=("closed", "cancelled")).count() > ORDERS * 0.94
    assert Barcode.objects.count() == SKUS + SKUS // 4
    assert days_say() == ledger_says() != {}
    admin = Client()
    admin.force_login(person("admin"))
    assert {page: code for page in pages() if (code := admin.get(page).status_code) != 200} == {}


def days_say() -> dict[int, int]:
    """SKU → units that days which are over changed what is on hand by."""
    return dict(StockDay.objects.order_by("sku").values_list("sku").annotate(units=Sum("on_hand")))


def ledger_says() -> dict[int, int]:
    today = datetime.combine(StockDay.objects.latest("day").day + timedelta(days=1), time.min, tzinfo=UTC)
    rows = StockMovement.objects.filter(at__lt=today).order_by("sku").values_list("sku")
    return dict(rows.annotate(units=Sum("on_hand")))


def pages() -> list[str]:
    """The rooms, and one of everything in every state there is."""
    rooms = [reverse(name) for name in ("desk:home", "orders:index", "inventory:index", "fulfillment:index")]
    rooms += [reverse(f"fulfillment:{name}") for name in ("waves", "pick", "pack", "ship", "handover", "collect")]
    orders = Order.objects.order_by("state", "fulfillment_state", "hold_state", "pk")
    orders = orders.distinct("state", "fulfillment_state", "hold_state")
    works = FulfillmentOrder.objects.order_by("state", "pk").distinct("state")
    shipments = Shipment.objects.filter(state="sealed")[:1]
    moved = Sku.objects.filter(pk=StockMovement.objects.order_by("-pk").first().sku_id)
    return [
        *rooms,
        *(order.get_absolute_url() for order in orders),
        *(reverse("fulfillment:show", args=[work.number]) for work in works),
        *(reverse("fulfillment:ship-shipment", args=[shipment.number]) for shipment in shipments),
        *(reverse("fulfillment:wave", args=[wave.number]) for wave in Wave.objects.all()),
        *(sku.get_absolute_url() for sku in moved),
    ]


def test_portions_written_at_once_are_coherent_too(monkeypatch):
    monkeypatch.setattr(seeding, "PORTION", 300)
    monkeypatch.setattr(seeding, "CHECKED_UP_TO", 0)
    seed(workers=2)

    assert breaches() == {}
    assert Order.objects.count() == ORDERS


def test_the_same_seed_gives_the_same_shop_and_another_one_another():
    seed(600, seed=5)
    first, last = facts(), Order.objects.order_by("pk").last().pk
    seed(600, seed=5, add=True)
    again, last = facts(after=last), Order.objects.order_by("pk").last().pk
    seed(600, seed=6, add=True)

    assert again == first
    assert facts(after=last) != first


def test_what_can_be_found_is_what_an_order_of_today_says():
    seed(300)
    for order in Order.objects.select_related("search").order_by("-pk")[:60]:
        now = searching.told(order)
        assert (order.search.text, order.search.phone) == (now.text, now.phone)


def test_trade_goes_on_behind_it_and_more_can_be_added():
    seed(300)
    order = confirmed_order({Sku.objects.order_by("-pk").first(): 1})
    assert order.number not in Order.objects.exclude(pk=order.pk).values_list("number", flat=True)
    with pytest.raises(CommandError, match="There are orders already"):
        seed(300)
    seed(300, add=True)

    assert Order.objects.count() == 601
    assert days_say() == ledger_says()
    assert breaches() == {}


@pytest.mark.parametrize("wrong", [{"orders": 0}, {"workers": 99}, {"seed": -1}])
def test_numbers_out_of_reach_are_refused(wrong):
    with pytest.raises(CommandError, match="is a number from"):
        seed(**wrong)


def test_the_shares_of_stages_make_a_whole():
    assert sum(stage.recent for stage in stages.STAGES) == 10_000
