"""An order that was split is brought together after all, when a rule lets its parts meet and it pays."""

import pytest

from fulfillment import accepting, backorders, joining, sourcing, waves
from fulfillment.models import SourcingDecision
from inventory.models import Transfer
from oms.common.actors import SYSTEM
from tests.factories.fulfillment import confirmed_order, routed
from tests.factories.inventory import LocationFactory, put
from tests.fulfillment import books
from tests.fulfillment.test_meeting import level, may_meet_at


@pytest.fixture
def places(berlin, hamburg, mug, lamp):
    put(mug, berlin, 5)
    put(lamp, hamburg, 3)


def test_orders_that_were_filled_in_pieces_meet_a_moment_later(berlin, hamburg, mug, lamp):
    may_meet_at(berlin)
    put(mug, berlin, 5)
    orders = [confirmed_order({mug: 1, lamp: 1}, confirmed=False) for _ in range(2)]
    accepting.accept([order.pk for order in orders])
    put(lamp, hamburg, 3)
    backorders.fill(lamp.pk)
    assert books.work(orders[0]) == [("BER", "open", 1), ("HAM", "open", 1)]

    assert (joining.join_split(), joining.join_split()) == (2, 0)

    assert [transfer.origin for transfer in Transfer.objects.all()] == [hamburg] * 2
    assert books.work(orders[0]) == [("BER", "open", 1), ("HAM", "cancelled", 0)]
    assert books.counters(orders[0]) == [{"allocated": 1}, {"backordered": 1}]
    assert (level(mug, berlin), level(lamp, hamburg)) == ((5, 2, 0), (3, 0, 2))
    told = SourcingDecision.objects.filter(order=orders[0]).latest("pk")
    assert (told.trigger, told.facts["alternatives"][0]["location_ids"]) == ("parts meet", [berlin.pk, hamburg.pk])
    assert books.breaches() == {}


def test_without_a_rule_split_orders_are_left_alone(places, mug, lamp):
    order, _ = routed({mug: 1, lamp: 1})

    assert (joining.join_split(), joining.join(order.pk)) == (0, False)
    assert books.work(order) == [("BER", "open", 1), ("HAM", "open", 1)]


def test_work_that_was_begun_or_that_a_person_placed_stays(places, berlin, hamburg, mug, lamp, lead):
    begun, works = routed({mug: 1, lamp: 1})
    waves.release(berlin, ids=[works[0].pk], by=lead)
    placed, works = routed({mug: 1, lamp: 1})
    munich = LocationFactory(code="MUC")
    put(lamp, munich, 1)
    sourcing.reroute(works[1], munich, by=lead)
    may_meet_at(berlin)

    assert [joining.join(order.pk) for order in (begun, placed)] == [False, False]
    assert Transfer.objects.count() == 0


def test_joining_costs_what_meeting_would_have_cost_in_the_first_place(places, berlin, mug, lamp):
    order, _ = routed({mug: 1, lamp: 1})
    may_meet_at(berlin)
    first, _ = routed({mug: 1, lamp: 1})

    assert joining.join(order.pk, by=SYSTEM)

    told = [SourcingDecision.objects.filter(order=one).latest("pk") for one in (first, order)]
    assert told[0].summary == told[1].summary
    assert told[0].facts["outcome"] == told[1].facts["outcome"]
