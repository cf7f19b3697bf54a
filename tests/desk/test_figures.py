"""Every figure against numbers worked out by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oms.desk import figures
from oms.desk.figures import CHANNEL, DAY, LOCATION, Scope
from orders.models import Channel, Order
from returns.models import Return, ReturnLine
from tests.factories.fulfillment import confirmed_order, routed, shipped
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db
NOW = timezone.now()
START = NOW - timedelta(days=2)
TODAY = timezone.localdate(NOW)
PLACED = timezone.localdate(START)


@pytest.fixture
def scope():
    return Scope(TODAY - timedelta(30), TODAY)


@pytest.fixture
def shop(db):
    return Channel.objects.create(code="shop", name="Shop", kind="generic", token="token-of-shop")


def took(mug, confirmed, shipped, delivered, promised=48, **facts):
    """An order of two days ago with its hours after receiving."""
    order = confirmed_order({mug: 4})
    at = {"placed_at": START, "received_at": START, "promised_ship_by": START + timedelta(hours=promised)}
    for name, hours in (("confirmed_at", confirmed), ("shipped_at", shipped), ("delivered_at", delivered)):
        at[name] = START + timedelta(hours=hours) if hours is not None else None
    Order.objects.filter(pk=order.pk).update(**(at | facts))
    return order


def at(order, location, released, picked, packed):
    """Work of the order there, with its hours."""
    times = {"released_at": released, "picked_at": picked, "packed_at": packed}
    given = {name: START + timedelta(hours=hours) for name, hours in times.items()}
    return order.fulfillment_orders.create(
        number=f"FO-{order.pk}-{location.code}", location=location, method="ship", **given
    )


def test_medians_and_the_slow_tenth_of_every_stage(mug, berlin, hamburg, scope):
    for (confirmed, gone, arrived), floor in (((1, 10, 20), (2, 4, 8)), ((2, 20, 50), (4, 9, 16))):
        at(took(mug, confirmed, gone, arrived), berlin, *floor)
    at(took(mug, 6, 36, 40), hamburg, 6, 7, 20)

    assert figures.lead_times(scope) == [
        ("Confirm", 3, 2.0, 5.2),
        ("Release", 3, 1.0, 1.8),
        ("Pick", 3, 2.0, 4.4),
        ("Pack", 3, 7.0, 11.8),
        ("Ship", 3, 4.0, 13.6),
        ("Deliver", 3, 10.0, 26.0),
        ("In all", 3, 40.0, 48.0),
    ]
    assert figures.to_ship(scope, CHANNEL) == [("Web shop", 3, 20.0, 32.8)]
    assert figures.to_ship(scope, LOCATION) == [("Berlin", 2, 15.0, 19.0), ("Hamburg", 1, 36.0, 36.0)]


def test_work_given_away_counts_for_nobody_and_split_work_once_a_place(mug, berlin, hamburg, scope):
    order = took(mug, 1, 10, 20)
    at(order, berlin, 2, 3, 4)
    order.fulfillment_orders.create(number="FO-again", location=berlin, method="ship")
    order.fulfillment_orders.create(number="FO-gone", location=hamburg, method="ship", state="cancelled")

    assert figures.to_ship(scope, LOCATION) == [("Berlin", 1, 10.0, 10.0)]
    assert figures.trade(Scope(scope.start, scope.end, location=berlin), CHANNEL) == [("Web shop", 1, 4)]
    assert figures.trade(Scope(scope.start, scope.end, location=hamburg), CHANNEL) == []
    assert figures.trade(Scope(scope.start, scope.end, within=(hamburg.pk,)), CHANNEL) == []


def test_on_time_counts_promises_kept_and_broken(mug, shop, scope):
    took(mug, 1, 10, 20)
    took(mug, 1, 10, 20, channel=shop)
    took(mug, 1, 30, 40, promised=24)
    took(mug, 1, None, None, promised=24)
    took(mug, 1, None, None, promised=24, state="cancelled")
    took(mug, 1, None, None, promised=200)

    assert figures.on_time(scope, CHANNEL) == [("Shop", 1, 1, 100.0), ("Web shop", 3, 1, 33.3)]
    days = figures.on_time(Scope(PLACED, PLACED + timedelta(1)), DAY)
    assert days == [(PLACED, 4, 2, 50.0), (PLACED + timedelta(1), 0, 0, None)]
    assert figures.on_time(Scope(scope.start, scope.end, channel=shop), CHANNEL) == [("Shop", 1, 1, 100.0)]


def test_backlog_by_age(mug, shop, berlin, scope):
    confirmed_order({mug: 1})
    at(took(mug, 1, None, None, channel=shop), berlin, 2, 3, 4)
    took(mug, 1, 10, 20, fulfillment_state="shipped")
    took(mug, 1, None, None, state="cancelled")
    old = confirmed_order({mug: 1})
    Order.objects.filter(pk=old.pk).update(placed_at=NOW - timedelta(days=60))

    assert [count for _, count in figures.backlog(scope)] == [1, 1, 0, 1]
    assert figures.backlog(scope, CHANNEL) == [("Shop", 0, 1, 0, 0), ("Web shop", 1, 0, 0, 1)]
    assert figures.backlog(scope, LOCATION) == [("Berlin", 0, 1, 0, 0)]
    assert [count for _, count in figures.backlog(Scope(TODAY, TODAY, channel=shop))] == [0, 1, 0, 0]


def test_return_rate_and_reasons(lead, mug, berlin, hamburg, scope):
    put(mug, berlin, 5)
    order, (work,) = routed({mug: 4})
    shipped(work, by=lead)
    rma = Return.objects.create(number="RMA-1", order=order, location=hamburg, state="authorised")
    ReturnLine.objects.create(rma=rma, order_line=order.lines.get(), reason="damaged", authorised=1)

    assert figures.returned(scope, CHANNEL) == [("Web shop", 4, 1, 25.0)]
    assert figures.returned(scope, LOCATION) == [("Berlin", 4, 1, 25.0)]
    assert figures.returned(Scope(TODAY, TODAY), DAY) == [(TODAY, 4, 1, 25.0)]
    assert figures.reasons(scope) == [("Arrived damaged", 1, 100.0)]

    Return.objects.update(state="declined")
    assert figures.returned(scope, CHANNEL) == [("Web shop", 4, 0, 0.0)]
    assert figures.reasons(scope) == []


def test_a_period_beside_the_one_before(mug, scope):
    took(mug, 1, 10, 20)
    took(mug, 1, 30, 40, promised=24)
    took(mug, 1, 8, 9, placed_at=START - timedelta(1), received_at=START - timedelta(1))

    told = figures.summary(Scope(PLACED, PLACED))
    assert told == {"orders": (2, 1), "to_ship": (20.0, 32.0), "on_time": (50.0, 100.0)}
    assert figures.summary(Scope(TODAY, TODAY)) == {"orders": (0, 0), "to_ship": (None, None), "on_time": (None, None)}


def test_a_figure_is_one_query_however_many_groups(mug, shop, berlin, hamburg, scope):
    at(took(mug, 1, 10, 20), berlin, 2, 3, 4)
    at(took(mug, 1, 10, 20, channel=shop), hamburg, 2, 3, 4)
    told = (figures.to_ship, figures.on_time, figures.backlog, figures.returned, figures.trade, figures.revenue)
    for figure in told:
        for by in (CHANNEL, LOCATION):
            with CaptureQueriesContext(connection) as queries:
                figure(scope, by)
            assert len(queries) == 1, (figure.__name__, by)


def test_revenue_is_goods_not_cancelled_a_currency_at_a_time(mug, shop, berlin, hamburg, scope):
    both = took(mug, 1, 10, 20)
    for place, units in ((berlin, 3), (hamburg, 1)):
        at(both, place, 2, 3, 4).lines.create(order_line=both.lines.get(), sku=mug, quantity=units)
    took(mug, 1, None, None, state="cancelled").lines.update(allocated=0, cancelled=4)
    took(mug, 1, 10, 20, channel=shop, currency="SEK").lines.update(allocated=0, cancelled=1)

    assert figures.revenue(scope, CHANNEL) == [
        ("Shop", "SEK", Decimal("30.00")),
        ("Web shop", "EUR", Decimal("40.00")),
    ]
    assert figures.revenue(scope, LOCATION) == [
        ("Berlin", "EUR", Decimal("30.00")),
        ("Hamburg", "EUR", Decimal("10.00")),
    ]
    assert figures.revenue(Scope(PLACED, PLACED + timedelta(1), channel=shop), DAY) == [
        (PLACED, "SEK", Decimal("30.00")),
        (PLACED + timedelta(1), "SEK", Decimal("0.00")),
    ]
    assert figures.revenue(Scope(scope.start, scope.end, within=(hamburg.pk,)), LOCATION) == [
        ("Hamburg", "EUR", Decimal("10.00"))
    ]


def test_a_place_is_told_only_of_its_own_floor(mug, shop, berlin, hamburg, scope):
    order = took(mug, 1, 10, 20)
    at(order, berlin, 2, 3, 4)
    at(order, hamburg, 5, 7, 9)
    at(took(mug, 1, None, None), hamburg, 5, 7, 9)

    stages = {stage: row for stage, *row in figures.lead_times(Scope(scope.start, scope.end, location=hamburg))}
    assert (stages["Release"], stages["Pick"], stages["Pack"]) == ([2, 4.0, 4.0], [2, 2.0, 2.0], [2, 2.0, 2.0])
    stages = {stage: row for stage, *row in figures.lead_times(Scope(scope.start, scope.end, within=(berlin.pk,)))}
    assert (stages["Release"], stages["Pick"], stages["Pack"]) == ([1, 1.0, 1.0], [1, 1.0, 1.0], [1, 1.0, 1.0])
    for place, waiting in ((berlin, 1), (hamburg, 2)):
        here = Scope(scope.start, scope.end, location=place)
        assert [count for _, count in figures.backlog(here)] == [0, waiting, 0, 0]
        assert figures.backlog(here, CHANNEL) == [("Web shop", 0, waiting, 0, 0)]
    elsewhere = Scope(scope.start, scope.end, channel=shop, location=hamburg)
    assert [count for _, count in figures.backlog(elsewhere)] == [0, 0, 0, 0]


def test_what_comes_back_is_told_of_the_places_that_one_may_see(lead, mug, berlin, hamburg, scope):
    put(mug, berlin, 5)
    order, (work,) = routed({mug: 4})
    shipped(work, by=lead)
    at(order, hamburg, 2, 3, 4)

    assert figures.returned(Scope(scope.start, scope.end, location=hamburg), LOCATION) == []
    assert figures.returned(Scope(scope.start, scope.end, location=berlin), LOCATION) == [("Berlin", 4, 0, 0.0)]
