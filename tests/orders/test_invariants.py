"""Each rule of orders notices the breach it is there for; the database itself refuses what it can."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from oms.common.actors import SYSTEM
from orders import holds, intake
from orders.models import InboundMessage, Order, OrderLine, PromoCode
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import SkuFactory
from tests.factories.orders import channel, external
from tests.fulfillment.books import breaches

LONG_AGO = timezone.now() - timedelta(hours=1)


@pytest.fixture
def order(db) -> Order:
    return confirmed_order({SkuFactory(code="MUG"): 2})


def test_a_sound_world_has_no_breach(order):
    holds.place(order, type="review", reason="A", by=SYSTEM)

    assert breaches() == {}


BREACHES = {
    "derived": ("Every derived state", lambda order: Order.objects.update(fulfillment_state="shipped")),
    "held": ("Every derived state", lambda order: Order.objects.update(hold_state="held")),
    "paid": ("What is paid is the sum", lambda order: Order.objects.update(paid_total=1)),
    "totals": ("The totals of every order", lambda order: Order.objects.update(goods_total=21, total=21)),
    "events": ("The events of every order", lambda order: Order.objects.update(event_count=9)),
    "state": ("have the event that says so", lambda order: Order.objects.update(state="closed")),
    "promised": ("Nothing is promised to orders", lambda order: _promised(order)),
    "promo": ("Uses of every promo code", lambda order: PromoCode.objects.create(code="X", kind="percent", used=1)),
    "unread": ("Every stored message", lambda order: _message("new")),
    "refused": ("Every stored message", lambda order: _message("refused")),
    "unverified": ("No received order waits", lambda order: _unverified()),
}


def _promised(order: Order) -> None:
    Order.objects.update(state="received")
    OrderLine.objects.update(allocated=1)


def _message(state: str) -> None:
    InboundMessage.objects.create(channel=channel("shop", kind="generic"), sha256="x", body=b"{}", state=state)
    InboundMessage.objects.update(received_at=LONG_AGO)


def _unverified() -> None:
    taken = intake.take(external(), channel=channel("late"), by=SYSTEM).order
    Order.objects.filter(pk=taken.pk).update(received_at=LONG_AGO)


@pytest.mark.parametrize("case", BREACHES)
def test_a_rule_notices_its_breach(order, case):
    text, breach = BREACHES[case]
    assert breaches() == {}

    breach(order)

    assert any(text in rule for rule in breaches())


@pytest.mark.parametrize(
    "column",
    ["cancelled = 3", "allocated = 3", "picked = 1", "delivered = 1", "returned = 1", "discount = 1", "tax = -1"],
)
def test_the_database_refuses_impossible_lines(order, column):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_orderline SET {column}")


@pytest.mark.parametrize("column", ["total = 1", "refunded_total = 99", "paid_total = -1"])
def test_the_database_refuses_impossible_orders(order, column):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_order SET {column}")
