"""Holds stop the verbs of their type, several at once, until somebody lets go."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from orders import holds, lifecycle, payments
from orders.models import Hold, Order
from orders.statuses import HOLD_BLOCKS, HoldType, Verb
from tests.factories.fulfillment import confirmed_order, person
from tests.factories.inventory import SkuFactory


@pytest.fixture
def order(db):
    return confirmed_order({SkuFactory(): 2})


def test_a_hold_blocks_shipping_until_it_is_released(order):
    hold = holds.place(order, type=HoldType.REVIEW, reason="Look at it", by=SYSTEM)

    with pytest.raises(holds.Held, match=r"Agent review \(Look at it\)") as refused:
        holds.require(order, Verb.SHIP)
    assert refused.value.facts["holds"] == [hold.pk]

    holds.resolve(hold, note="Fine", by=SYSTEM)
    order.refresh_from_db()
    holds.require(order, Verb.SHIP)
    assert order.hold_state == "none"


@pytest.mark.parametrize("type", HoldType.values)
@pytest.mark.parametrize("verb", Verb.values)
def test_each_type_blocks_its_own_verbs_and_no_other(order, type, verb):
    holds.place(order, type=type, reason="Why", by=SYSTEM)

    assert bool(holds.blocks(order, verb)) == (verb in HOLD_BLOCKS[type])


def test_the_same_hold_again_is_one_with_the_newest_problems(order):
    first = holds.place(order, type="address", reason="A", problems=[{"field": "city", "message": "?"}], by=SYSTEM)
    events = order.event_count
    again = holds.place(order, type="address", reason="A", problems=[{"field": "city", "message": "?"}], by=SYSTEM)
    assert order.event_count == events
    renewed = holds.place(order, type="address", reason="B", by=SYSTEM)

    assert first.pk == again.pk == renewed.pk
    assert (Hold.objects.get().reason, Hold.objects.get().problems) == ("B", [])


def test_what_happened_to_the_money_meanwhile_is_kept_when_a_hold_ends(order):
    """Its caller read the order before the refund."""
    hold = holds.place(order, type=HoldType.REVIEW, reason="Look at it", by=SYSTEM)
    payments.record_refund(Order.objects.get(pk=order.pk), Decimal("5.00"), by=SYSTEM)

    holds.resolve(hold, note="Fine", by=SYSTEM)

    assert Order.objects.get(pk=order.pk).payment_state == "partially_refunded"


def test_an_order_stays_held_while_one_of_its_holds_is_active(order):
    one = holds.place(order, type="review", reason="A", by=SYSTEM)
    holds.place(order, type="customer", reason="B", by=SYSTEM)

    holds.resolve(one, by=SYSTEM)

    order.refresh_from_db()
    assert order.hold_state == "held"
    assert [hold.type for hold in holds.active(order)] == ["customer"]


def test_letting_go_twice_is_one_event(order):
    hold = holds.place(order, type="review", reason="A", by=SYSTEM)
    lead = person()

    holds.resolve(hold, note="Fine", by=lead)
    holds.resolve(hold, by=SYSTEM)

    hold.refresh_from_db()
    assert (hold.state, hold.resolution, hold.resolved_by) == ("resolved", "Fine", lead)
    assert order.events.filter(verb="hold.released").count() == 1


def test_a_hold_tells_what_it_blocks_and_why(order):
    holds.place(order, type="stock", reason="Wait for the blue ones", by=SYSTEM)

    told = order.events.order_by("seq").last()
    assert (told.verb, told.particulars["reason"]) == ("hold.placed", "Wait for the blue ones")
    assert told.particulars["blocks"] == ["pack", "pick", "release to the floor", "ship"]


def test_a_hold_is_postponed_and_given_to_somebody(order):
    hold = holds.place(order, type="review", reason="A", by=SYSTEM)
    lead, later = person(), timezone.now() + timedelta(days=3)

    holds.postpone(hold, later, owner=lead, by=lead)

    hold.refresh_from_db()
    assert (hold.review_at, hold.owner) == (later, lead)
    holds.reject(hold, note="It is fraud", by=lead)
    with pytest.raises(holds.NotActive):
        holds.postpone(hold, later, by=lead)


def test_a_cancelled_order_has_no_holds_and_gets_none(order):
    hold = holds.place(order, type="review", reason="A", by=SYSTEM)

    lifecycle.mark_cancelled(order, reason="customer", by=SYSTEM)

    hold.refresh_from_db()
    assert hold.state == "resolved"
    with pytest.raises(Refused, match="there is nothing to hold"):
        holds.place(order, type="review", reason="A", by=SYSTEM)
