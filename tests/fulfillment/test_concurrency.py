"""T01 and T03 from the order's side: many workers, few units, real connections and the real verbs."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from factory.django import mute_signals

from fulfillment import backorders, cancellation, displacing, picking, sourcing, waves
from fulfillment.models import Backorder, FulfillmentOrderLine, PickList
from fulfillment.rules import editing
from fulfillment.rules.terms import Effect, Rule, Where
from inventory import counting, transfers
from inventory.models import StockLevel, Transfer
from inventory.signals import stock_increased
from oms.common.actors import SYSTEM
from tests.factories.fulfillment import confirmed_order, person, released, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment import books
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_sixteen_orders_for_a_hot_sku_oversell_nothing():
    berlin, hamburg, mug = LocationFactory(code="BER"), LocationFactory(code="HAM"), SkuFactory(code="MUG")
    put(mug, berlin, 7)
    put(mug, hamburg, 3)
    orders = [confirmed_order({mug: 1}) for _ in range(16)]

    answers = at_once(*[lambda pk=order.pk: sourcing.route(pk, by=SYSTEM) for order in orders])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert Counter(str(books.counters(order)) for order in orders) == {
        "[{'allocated': 1}]": 10,
        "[{'backordered': 1}]": 6,
    }
    assert sorted(StockLevel.objects.values_list("on_hand", "allocated")) == [(3, 3), (7, 7)]
    assert books.breaches() == {}


def test_one_order_routed_by_eight_workers_is_placed_once():
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    put(mug, berlin, 50)
    order = confirmed_order({mug: 3})

    at_once(*[lambda: sourcing.route(order.pk, by=SYSTEM)] * 8)

    assert books.work(order) == [("BER", "open", 3)]
    assert books.breaches() == {}


def test_orders_of_many_items_and_places_never_deadlock():
    places = [LocationFactory(code=code) for code in ("BER", "HAM")]
    skus = SkuFactory.create_batch(4)
    for n, sku in enumerate(skus):
        put(sku, places[n % 2], 40)
    orders = [confirmed_order(dict.fromkeys(skus[n % 4 :] + skus[: n % 4], 1)) for n in range(8)]

    answers = at_once(*[lambda pk=order.pk: sourcing.route(pk, by=SYSTEM) for order in orders])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sum(FulfillmentOrderLine.objects.values_list("quantity", flat=True)) == 32
    assert books.breaches() == {}


def test_arriving_stock_is_dealt_out_once_by_many_workers():
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    orders = [routed({mug: 1})[0] for _ in range(6)]
    put(mug, berlin, 4)

    at_once(*[lambda: backorders.fill(mug.pk)] * 4)

    assert [books.counters(order) for order in orders] == [[{"allocated": 1}]] * 4 + [[{"backordered": 1}]] * 2
    assert Backorder.objects.filter(state="waiting").count() == 2
    assert books.breaches() == {}


def test_orders_that_wait_for_the_same_items_are_dealt_them_once_by_many_workers_and_by_age():
    berlin, hamburg = LocationFactory(code="BER"), LocationFactory(code="HAM")
    mug, lamp = SkuFactory(code="MUG"), SkuFactory(code="LAMP")
    now = timezone.now()
    orders = [routed({mug: 1, lamp: 1}, placed_at=now - timedelta(days=9 - n))[0] for n in range(6)]
    with mute_signals(stock_increased):
        put(mug, berlin, 2)
        put(mug, hamburg, 2)
        put(lamp, hamburg, 5)

    answers = at_once(*[lambda: backorders.fill(mug.pk), lambda: backorders.fill(lamp.pk)] * 3, backorders.fill_all)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sum(answers) == 9
    assert [books.counters(order) for order in orders] == [[{"allocated": 1}] * 2] * 4 + [
        [{"backordered": 1}, {"allocated": 1}],
        [{"backordered": 1}] * 2,
    ]
    assert books.breaches() == {}


def test_parts_arrive_while_their_orders_are_cancelled():
    berlin, hamburg, lead = LocationFactory(code="BER"), LocationFactory(code="HAM"), person()
    mug, lamp = SkuFactory(code="MUG"), SkuFactory(code="LAMP")
    put(mug, berlin, 9)
    put(lamp, hamburg, 9)
    meet = Effect("meets", Where(places=(berlin.pk,)), number=1, amount=Decimal("0.50"), currency="EUR")
    editing.use(editing.create(Rule(0, "Meet", effects=(meet,)), by=lead).number, by=lead)
    orders = [routed({mug: 1, lamp: 2})[0] for _ in range(4)]
    sent = list(Transfer.objects.order_by("pk"))
    for transfer in sent[:3]:
        transfers.ship(transfer, by=lead)

    answers = at_once(
        *[lambda one=one: transfers.receive(one, {}, by=lead) for one in sent[:3]],
        *[lambda one=one: cancellation.cancel(one, reason="no", by=lead) for one in (orders[0], orders[3])],
        *[lambda pk=one.pk: sourcing.route(pk, by=SYSTEM) for one in orders],
    )

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert [books.counters(order) for order in orders[1:3]] == [[{"allocated": 1}, {"allocated": 2}]] * 2
    assert [books.counters(order) for order in (orders[0], orders[3])] == [[{"cancelled": 1}, {"cancelled": 2}]] * 2
    assert books.breaches() == {}


def test_cancel_and_route_at_the_same_time_leave_nothing_promised():
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    put(mug, berlin, 50)
    orders = [confirmed_order({mug: 1}) for _ in range(6)]

    works = [lambda pk=order.pk: sourcing.route(pk, by=SYSTEM) for order in orders]
    works += [lambda o=order: cancellation.cancel(o, reason="changed my mind", by=SYSTEM) for order in orders]
    answers = at_once(*works)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert [books.counters(order) for order in orders] == [[{"cancelled": 1}]] * 6
    assert StockLevel.objects.get().allocated == 0
    assert books.breaches() == {}


def test_pickers_who_ask_together_get_different_lists():
    berlin, mug, lead = LocationFactory(code="BER"), SkuFactory(code="MUG"), person()
    put(mug, berlin, 50)
    for _ in range(4):
        _, [work] = routed({mug: 1})
        released(work, by=lead)
    pickers = [person("picker") for _ in range(6)]

    taken = at_once(*[lambda user=user: picking.claim(user, berlin) for user in pickers])

    assert len({one.pk for one in taken if one}) == 4 == len([one for one in taken if one])


def test_the_same_wave_released_twice_at_once_is_released_once():
    berlin, mug, lead = LocationFactory(code="BER"), SkuFactory(code="MUG"), person()
    put(mug, berlin, 50)
    for _ in range(5):
        routed({mug: 1})

    answers = at_once(*[lambda: waves.release(berlin, by=lead)] * 4)

    assert sum(len(a.fulfillment_orders) for a in answers if isinstance(a, waves.Released)) == 5
    assert {type(a) for a in answers} <= {waves.Released, waves.NothingToRelease}
    assert PickList.objects.count() == 5
    assert books.breaches() == {}


def test_two_scanners_on_one_stop_pick_each_unit_once():
    berlin, mug, lead = LocationFactory(code="BER"), SkuFactory(code="MUG"), person()
    put(mug, berlin, 50)
    order, [work] = routed({mug: 5})
    pick_list = released(work, by=lead)
    picking.claim(lead, berlin, pick_list=pick_list)
    task = picking.next_task(pick_list)
    picking.scan_bin(task, "A-01", by=lead)

    answers = at_once(*[lambda: picking.scan_item(task.pk, "MUG", by=lead)] * 8)

    assert sum(isinstance(answer, picking.WrongScan) for answer in answers) == 3
    assert books.counters(order) == [{"allocated": 5, "picked": 5}]
    assert books.breaches() == {}


def test_a_count_is_approved_while_orders_come_and_go():
    """Twelve units are missing while six orders are routed and six cancelled: nobody fails."""
    berlin, mug, lead = LocationFactory(code="BER"), SkuFactory(code="MUG"), person()
    put(mug, berlin, 20)
    old = [routed({mug: 1})[0] for _ in range(12)]
    new = [confirmed_order({mug: 1}) for _ in range(6)]
    count = counting.plan(berlin, bins=[berlin.bins.get(code="A-01")], by=SYSTEM)
    for counter in (person(), person()):
        row = counting.begin(count, "A-01", by=counter)
        counting.say(row, "MUG", 8, by=counter)
        counting.finish(row, by=counter)

    answers = at_once(
        lambda: displacing.approve(count, by=lead),
        *[lambda pk=order.pk: sourcing.route(pk, by=SYSTEM) for order in new],
        *[lambda one=order: cancellation.cancel(one, reason="no", by=lead) for order in old[:6]],
    )

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert StockLevel.objects.get().on_hand == 8
    assert StockLevel.objects.get().allocated <= 8
    assert books.breaches() == {}
