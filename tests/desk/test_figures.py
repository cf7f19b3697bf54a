"""Every figure against numbers worked out by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oms.desk import figures
from orders.models import Order
from returns.models import Return, ReturnLine
from tests.factories.fulfillment import channel, confirmed_order, routed, shipped
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def scope():
    today = timezone.localdate()
    return figures.Scope(today - timedelta(30), today)


def took(mug, confirmed, shipped, delivered, promised=48, **facts):
    """An order of two days ago with its hours after receiving."""
    order = confirmed_order({mug: 4})
    start = NOW - timedelta(days=2)
    at = {"placed_at": start, "received_at": start, "promised_ship_by": start + timedelta(hours=promised)}
    for name, hours in (("confirmed_at", confirmed), ("shipped_at", shipped), ("delivered_at", delivered)):
        at[name] = start + timedelta(hours=hours) if hours is not None else None
    Order.objects.filter(pk=order.pk).update(**(at | facts))
    return order


def test_medians_of_the_stages(mug, scope):
    for hours in ((1, 10, 20), (2, 20, 50), (6, 36, 40)):
        took(mug, *hours)
    assert figures.lead_times(scope) == [
        ("Received to confirmed", 2.0),
        ("Confirmed to released", None),
        ("Released to shipped", None),
        ("Shipped to delivered", 10.0),
    ]
    assert figures.by_channel(figures.to_ship, scope) == [("Web shop", 20.0)]


def test_on_time_counts_promises_kept_and_broken(mug, scope):
    took(mug, 1, 10, 20)
    took(mug, 1, 10, 20)
    took(mug, 1, 30, 40, promised=24)
    took(mug, 1, None, None, promised=24)
    took(mug, 1, None, None, promised=200)
    assert figures.on_time(scope) == 50.0
    assert figures.on_time(figures.Scope(scope.start, scope.start)) is None


def test_backlog_by_age(mug, scope):
    confirmed_order({mug: 1})
    took(mug, 1, None, None)
    took(mug, 1, 10, 20, fulfillment_state="shipped")
    old = confirmed_order({mug: 1})
    Order.objects.filter(pk=old.pk).update(placed_at=NOW - timedelta(days=60))
    assert [count for _, count in figures.backlog(scope)] == [1, 1, 0, 1]


def test_return_rate_and_reasons(lead, mug, berlin, scope):
    put(mug, berlin, 5)
    order, (work,) = routed({mug: 4})
    shipped(work, by=lead)
    rma = Return.objects.create(number="RMA-1", order=order, location=berlin, state="authorised")
    ReturnLine.objects.create(rma=rma, order_line=order.lines.get(), reason="damaged", authorised=1)
    assert figures.return_rate(scope) == 25.0
    assert figures.reasons(scope) == [("Arrived damaged", 1)]
    Return.objects.update(state="declined")
    assert figures.return_rate(scope) == 0.0
    assert figures.by_channel(figures.return_rate, scope) == [(channel().name, 0.0)]
