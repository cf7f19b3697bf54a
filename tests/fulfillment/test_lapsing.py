"""What is held before allocation does not keep its units for ever, where the house says so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fulfillment import lapsing, sourcing, sweeping
from oms.common.actors import SYSTEM
from orders import holds
from orders.models import Hold, Order
from orders.statuses import HoldType
from tests.factories.fulfillment import released, routed
from tests.factories.inventory import put
from tests.fulfillment import books


@pytest.fixture(autouse=True)
def two_hours(settings):
    settings.HOLD_KEEPS_STOCK_HOURS = 2


def held(order: Order, *, hours: int, type: str = HoldType.FRAUD) -> Hold:
    hold = holds.place(order, type=type, reason="new customer", by=SYSTEM)
    Hold.objects.filter(pk=hold.pk).update(placed_at=timezone.now() - timedelta(hours=hours))
    return hold


def test_a_held_order_gives_its_units_back_and_is_routed_anew_when_let_go(berlin, mug):
    put(mug, berlin, 2)
    order, _ = routed({mug: 2})
    hold = held(order, hours=3)

    assert (lapsing.give_back_held(), lapsing.give_back_held()) == (1, 0)

    assert (books.work(order), books.counters(order)) == ([("BER", "cancelled", 0)], [{}])
    assert books.verbs(order)[-1] == "fulfillment.lapsed"
    assert sweeping.route_waiting() == 0
    other, _ = routed({mug: 2})
    assert books.work(other) == [("BER", "open", 2)]
    holds.resolve(hold, by=SYSTEM)
    sourcing.route(order.pk)
    assert books.waiting(order) == [("MUG", 2, "")]
    assert books.breaches() == {}


def test_units_stay_while_the_hold_is_young_or_lets_allocate_or_the_work_began(berlin, mug, lead):
    put(mug, berlin, 9)
    young, review, begun = (routed({mug: 1})[0] for _ in range(3))
    released(begun.fulfillment_orders.get(), by=lead)
    held(young, hours=1)
    held(review, hours=9, type=HoldType.REVIEW)
    held(begun, hours=9)

    assert lapsing.give_back_held() == 0
    assert [books.work(order)[0][1] for order in (young, review, begun)] == ["open", "open", "released"]


def test_without_the_setting_units_are_kept(berlin, mug, settings):
    settings.HOLD_KEEPS_STOCK_HOURS = 0
    put(mug, berlin, 2)
    order, _ = routed({mug: 2})
    held(order, hours=99)

    assert lapsing.give_back_held() == 0
