"""Counts that find less than was promised: the newest orders give back, and are served from elsewhere or wait."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fulfillment import displacing, picking, sourcing
from fulfillment.models import PickTask
from inventory import counting, reservations
from inventory.models import CycleCount
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from tests.factories.fulfillment import person, picked, released, routed
from tests.factories.inventory import put
from tests.fulfillment.books import breaches, counters, verbs, waiting, work

NOW = timezone.now()


@pytest.fixture
def anna(db):
    return person("picker")


def found(location, units, *, by, sku="MUG", twice_by=None):
    """A count of A-01 that ends with a lead."""
    count = counting.plan(location, bins=[location.bins.get(code="A-01")], by=SYSTEM)
    for person_ in (by, twice_by):
        if person_:
            row = counting.begin(count, "A-01", by=person_)
            counting.say(row, sku, units, by=person_)
            counting.finish(row, by=person_)
    return count


def test_the_newest_order_gives_its_units_back_and_is_served_from_elsewhere(berlin, hamburg, mug, lead, anna):
    put(mug, berlin, 3)
    old, _ = routed({mug: 2}, placed_at=NOW - timedelta(days=2))
    new, _ = routed({mug: 1}, placed_at=NOW)
    put(mug, hamburg, 5)
    count = found(berlin, 2, by=anna)

    told = displacing.approve(count, by=lead)

    assert told.units == [(new.number, "MUG", 1)]
    assert work(old) == [("BER", "open", 2)]
    assert work(new) == [("BER", "cancelled", 0)]
    sourcing.route(new.pk, trigger="short pick", by=SYSTEM)
    assert work(new) == [("BER", "cancelled", 0), ("HAM", "open", 1)]
    assert "fulfillment.short" in verbs(new)
    assert breaches() == {}


def test_what_nobody_else_has_waits(berlin, mug, lead, anna):
    put(mug, berlin, 3)
    order, _ = routed({mug: 3})
    count = found(berlin, 1, by=anna, twice_by=lead)

    displacing.approve(count, by=lead)
    sourcing.route(order.pk, by=SYSTEM)

    assert (work(order), waiting(order)) == ([("BER", "open", 1)], [("MUG", 2, "")])
    assert counters(order) == [{"allocated": 1, "backordered": 2}]
    count.refresh_from_db()
    assert (count.state, breaches()) == ("closed", {})


def test_released_work_loses_the_stops_it_has_no_units_for(berlin, mug, lead, anna):
    put(mug, berlin, 2)
    _, [mine] = routed({mug: 2})
    released(mine, by=lead)
    count = found(berlin, 1, by=anna)

    displacing.approve(count, by=lead)

    assert [(task.quantity, task.state) for task in PickTask.objects.all()] == [(1, "pending")]
    assert breaches() == {}


def test_picked_units_are_nobodys_to_take(berlin, mug, lead, anna):
    """Two were picked in the meantime, so the shelf can't be one short of the three it held: count it again."""
    put(mug, berlin, 3)
    _, [mine] = routed({mug: 3})
    count = found(berlin, 2, by=anna)
    picked(mine, by=lead)

    with pytest.raises(Refused, match="More is missing than unpicked orders at Berlin can give back"):
        displacing.approve(count, by=lead)
    assert (CycleCount.objects.get().state, breaches()) == ("review", {})


def test_kept_back_units_stay_kept_back(berlin, mug, lead, anna):
    put(mug, berlin, 1)
    reservations.hold("Mrs Doe", {(mug.pk, berlin.pk): 1}, until=NOW + timedelta(days=1), by=SYSTEM)
    count = found(berlin, 0, by=anna)

    with pytest.raises(Refused, match="or end what is kept back there"):
        displacing.approve(count, by=lead)


def test_a_short_pick_asks_for_a_count_of_the_bin(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [mine] = routed({mug: 2})
    pick_list = released(mine, by=lead)
    picking.claim(lead, berlin, pick_list=pick_list)
    picking.short(picking.next_task(pick_list), 0, "not_found", by=lead)

    count = CycleCount.objects.get()
    assert (count.cause, [row.bin.code for row in count.bins.all()]) == ("short_pick", ["A-01"])


def test_a_place_that_was_short_is_believed_when_its_count_agrees(berlin, mug, lead, anna):
    put(mug, berlin, 5)
    first, [mine] = routed({mug: 2})
    pick_list = released(mine, by=lead)
    picking.claim(lead, berlin, pick_list=pick_list)
    picking.short(picking.next_task(pick_list), 0, "unreachable", by=lead)
    sourcing.route(first.pk, by=SYSTEM)
    assert waiting(first) == [("MUG", 2, "")]

    count = CycleCount.objects.get()
    row = counting.begin(count, "A-01", by=anna)
    counting.say(row, "MUG", 5, by=anna)
    counting.finish(row, by=anna)
    second, _ = routed({mug: 1})

    assert work(second) == [("BER", "open", 1)]


def test_the_picker_says_that_something_is_left_in_a_bin_that_should_be_empty(client, berlin, mug, lead):
    put(mug, berlin, 2)
    _, [mine] = routed({mug: 2})
    picked(mine, by=lead)
    task = PickTask.objects.get()
    client.force_login(lead)

    client.post(reverse("fulfillment:pick-left", args=[task.pick_list.number, task.pk]))

    assert CycleCount.objects.get().cause == "zero_check"


def test_the_lead_approves_on_the_page_of_the_count(client, berlin, mug, lead, anna):
    put(mug, berlin, 3)
    order, _ = routed({mug: 3})
    count = found(berlin, 2, by=anna)
    client.force_login(lead)

    answer = client.post(reverse("fulfillment:count-approve", args=[count.number]), follow=True)

    assert answer.redirect_chain == [(f"/inventory/counts/{count.number}/", 302)]
    assert f"{count} is posted. Sourced again: {order.number}." in answer.content.decode()
