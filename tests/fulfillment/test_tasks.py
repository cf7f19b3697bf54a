"""T05 from this room's side: a task may come twice, late, or never; the second time nothing happens."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from factory.django import mute_signals

from carriers.models import Label, Tracker
from fulfillment import dispatch, tasks
from fulfillment.models import Backorder, FulfillmentOrder, Parcel, Shipment
from fulfillment.signals import want_sourcing
from inventory import stock
from inventory.models import StockLevel
from inventory.signals import stock_increased
from oms.common.actors import SYSTEM
from orders.signals import order_changed, order_confirmed
from tests.factories.fulfillment import confirmed_order, labelled, news, own_van, packed, person, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment import books

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    berlin, mug = LocationFactory(code="BER", collects=True), SkuFactory(code="MUG")
    put(mug, berlin, 20)
    return berlin, mug


def story(order) -> tuple:
    order.refresh_from_db()
    levels = list(StockLevel.objects.order_by("pk").values_list("on_hand", "allocated"))
    mails = list(order.mails.order_by("pk").values_list("kind", flat=True))
    return order.state, books.counters(order), books.work(order), books.verbs(order), levels, mails


def twice(order, task, **kwargs) -> None:
    """The first time something happens, the second time nothing."""
    before = story(order)
    task(**kwargs)
    once = story(order)
    task(**kwargs)

    assert (once != before, story(order) == once, books.breaches()) == (True, True, {})


def test_route_order(world):
    order = confirmed_order({world[1]: 2})

    twice(order, tasks.route_order, order_id=order.pk)


def test_route_waiting(world):
    twice(confirmed_order({world[1]: 2}), tasks.route_waiting)


def _waiting(berlin, mug):
    """An order that waits, and stock of which nobody was told."""
    order, _ = routed({mug: 25})
    with mute_signals(stock_increased):
        stock.receive({(mug.pk, berlin.pk): 5}, reference="PO-1", by=SYSTEM)
    return order


def test_fill_backorders(world):
    order = _waiting(*world)

    twice(order, tasks.fill_backorders, sku_id=world[1].pk)


def test_fill_all_backorders(world):
    twice(_waiting(*world), tasks.fill_all_backorders)


def test_refresh_expected_supply(world):
    routed({world[1]: 25})
    Backorder.objects.update(supply="PO-9", expected_at=timezone.now())

    first = (tasks.refresh_expected_supply(), Backorder.objects.get().supply)

    assert (first, tasks.refresh_expected_supply()) == ((1, ""), 1)


def test_expire_pickups(world):
    berlin, mug = world
    order, [work] = routed({mug: 2}, method="pickup", store=berlin)
    packed(work, by=person())
    FulfillmentOrder.objects.update(collect_until=timezone.now() - timedelta(minutes=1))

    twice(order, tasks.expire_pickups)


@pytest.mark.parametrize("name", ["settle_label", "settle_labels"])
def test_settle_labels(world, name):
    order, [work] = routed({world[1]: 2})
    labelled(work, own_van(), by=person())
    Parcel.objects.update(tracking_number="", tracker=None)
    Shipment.objects.update(state="sealed")
    kwargs = {"label_id": Label.objects.get().pk} if name == "settle_label" else {}

    twice(order, getattr(tasks, name), **kwargs)


@pytest.mark.parametrize("name", ["apply_tracking", "apply_all_tracking"])
def test_apply_tracking(world, name):
    order, [work] = routed({world[1]: 2})
    dispatch.hand_over(labelled(work, own_van(), by=person()), by=person())
    Tracker.objects.update(status="delivered", delivered_at=timezone.now())
    kwargs = {"tracker_id": Tracker.objects.get().pk} if name == "apply_tracking" else {}

    twice(order, getattr(tasks, name), **kwargs)


def test_hand_over_closed(world):
    order, [work] = routed({world[1]: 2})
    shipment = labelled(work, own_van(), by=person())
    type(shipment.manifest).objects.update(state="closed", pdf=b"%PDF", closed_at=timezone.now())

    twice(order, tasks.hand_over_closed)


def test_look_for_late_parcels(world):
    _, [work] = routed({world[1]: 2})
    shipment = labelled(work, own_van(), by=person())
    dispatch.hand_over(shipment, by=person())
    news(shipment, "in_transit")
    Tracker.objects.update(deliver_by=timezone.now() - timedelta(days=1))

    assert (tasks.look_for_late_parcels(), tasks.look_for_late_parcels()) == (1, 1)


def test_every_sweep_is_on_the_clock():
    names = {entry["task"].rpartition(".")[2] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert {
        "route_waiting",
        "fill_all_backorders",
        "refresh_expected_supply",
        "expire_pickups",
        "settle_labels",
        "apply_all_tracking",
        "hand_over_closed",
        "look_for_late_parcels",
    } <= names


@pytest.mark.parametrize("signal", [order_confirmed, order_changed])
def test_news_of_an_order_routes_it(world, signal):
    order = confirmed_order({world[1]: 2})

    signal.send(sender=None, order_id=order.pk)

    assert books.work(order) == [("BER", "open", 2)]


def test_units_that_lost_their_place_are_routed(world):
    order = confirmed_order({world[1]: 2})

    want_sourcing(order.pk, "short pick")

    assert order.sourcing_decisions.get().trigger == "short pick"


def test_stock_that_arrives_fills_backorders(world):
    berlin, mug = world
    order, _ = routed({mug: 25})

    put(mug, berlin, 5)

    assert books.counters(order) == [{"allocated": 25}]
