"""T06: a process dies in the middle of a verb. Nothing of it is true afterwards, and doing it again does all of it."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from factory.django import mute_signals

from fulfillment import (
    amendments,
    backorders,
    cancellation,
    dispatch,
    displacing,
    dropshipping,
    expiring,
    interception,
    joining,
    packing,
    picking,
    sourcing,
    waves,
)
from fulfillment.rules import editing
from fulfillment.rules.terms import Effect, Rule, Where
from inventory import counting, lots, stock, transfers
from inventory.models import Lot, Transfer
from inventory.signals import stock_increased
from oms.common.actors import SYSTEM
from tests.dying import dies
from tests.factories.fulfillment import confirmed_order, packed, person, picked, released, routed
from tests.factories.inventory import LocationFactory, SkuFactory, SupplierFactory, put
from tests.fulfillment import books

pytestmark = pytest.mark.django_db(transaction=True)
ROOM = Path(__file__).resolve().parents[2] / "fulfillment"


@pytest.fixture
def world():
    berlin, mug, lead = LocationFactory(code="BER", collects=True), SkuFactory(code="MUG"), person()
    put(mug, berlin, 9)
    return berlin, mug, lead


def _route(berlin, mug, lead):
    order = confirmed_order({mug: 12})
    return order, lambda: sourcing.route(order.pk, by=SYSTEM)


def _release(berlin, mug, lead):
    order, _ = routed({mug: 2})
    return order, lambda: waves.release(berlin, by=lead)


def _stop(berlin, mug, lead):
    order, [work] = routed({mug: 2})
    pick_list = released(work, by=lead)
    picking.claim(lead, berlin, pick_list=pick_list)
    task = picking.next_task(pick_list)
    picking.scan_bin(task, "A-01", by=lead)
    return order, task


def _pick(berlin, mug, lead):
    order, task = _stop(berlin, mug, lead)
    return order, lambda: picking.scan_item(task, "MUG", quantity=2, by=lead)


def _short(berlin, mug, lead):
    order, task = _stop(berlin, mug, lead)
    return order, lambda: picking.short(task, 1, "not_found", by=lead)


def _seal(berlin, mug, lead):
    order, [work] = routed({mug: 2})
    picked(work, by=lead)
    shipment = packing.start(work.number, by=lead)
    packing.scan(shipment, "MUG", quantity=2, by=lead)
    return order, lambda: packing.seal(shipment, by=lead)


def _hand_over(berlin, mug, lead):
    order, [work] = routed({mug: 2})
    shipment = packed(work, by=lead)
    return order, lambda: dispatch.hand_over(shipment, without_label="our van", by=lead)


def _cancel(berlin, mug, lead):
    order, _ = routed({mug: 12})
    return order, lambda: cancellation.cancel(order, reason="changed my mind", by=lead)


def _amend(berlin, mug, lead):
    order, _ = routed({mug: 2}, paid=False)
    fewer = amendments.Action("set_quantity", {"quantity": 1}, order.lines.get().pk)
    return order, lambda: amendments.amend(order, [fewer], by=lead)


def _honour(berlin, mug, lead):
    order, [work] = routed({mug: 2})
    picked(work, by=lead)
    asked = cancellation.cancel(order, reason="changed my mind", by=lead).intercepts[0]
    return order, lambda: interception.honour(asked, by=lead)


def _approve(berlin, mug, lead):
    order, _ = routed({mug: 9})
    count = counting.plan(berlin, bins=[berlin.bins.get(code="A-01")], by=SYSTEM)
    row = counting.begin(count, "A-01", by=lead)
    counting.say(row, "MUG", 8, by=lead)
    counting.finish(row, by=lead)
    return order, lambda: displacing.approve(count, by=lead)


def _meet(berlin, mug, lead):
    """The worker dies as a part arrives where the rest waits."""
    hamburg, bowl = LocationFactory(code="HAM"), SkuFactory(code="BOWL")
    put(bowl, hamburg, 1)
    meet = Effect("meets", Where(places=(berlin.pk,)), number=1, amount=Decimal("0.50"), currency="EUR")
    editing.use(editing.create(Rule(0, "Meet", effects=(meet,)), by=lead).number, by=lead)
    order, _ = routed({mug: 1, bowl: 1})
    transfer = transfers.ship(Transfer.objects.get(), by=lead)
    return order, lambda: transfers.receive(transfer, {}, by=lead)


def _join(berlin, mug, lead):
    hamburg, bowl = LocationFactory(code="HAM"), SkuFactory(code="BOWL")
    put(bowl, hamburg, 1)
    order, _ = routed({mug: 1, bowl: 1})
    meet = Effect("meets", Where(places=(berlin.pk,)), number=1, amount=Decimal("0.50"), currency="EUR")
    editing.use(editing.create(Rule(0, "Meet", effects=(meet,)), by=lead).number, by=lead)
    return order, lambda: joining.join(order.pk)


def _deal(berlin, mug, lead):
    """The worker dies when the older of two has got its units."""
    bowl = SkuFactory(code="BOWL")
    routed({bowl: 2})
    young, _ = routed({bowl: 1})
    with mute_signals(stock_increased):  # no worker has heard of it
        put(bowl, berlin, 3)
    return young, lambda: backorders.fill(bowl.pk)


def _expire(berlin, mug, lead):
    """A lot is over the day after an order was promised of it."""
    milk = SkuFactory(code="MILK", tracks="lot")
    lot = lots.take_in(milk, "A7", timezone.localdate() + timedelta(days=5))
    key, shelf = (milk.pk, berlin.pk), berlin.bins.get(code="A-02")
    stock.receive({key: 2}, bin=shelf, lot=lot.pk, reference="PO-1", by=SYSTEM)
    order, _ = routed({milk: 2})
    Lot.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    return order, lambda: expiring.clear(key, by=lead)


def _dropship(berlin, mug, lead):
    bowl, place = SkuFactory(code="BOWL"), LocationFactory(code="POT", kind="supplier")
    SupplierFactory(location=place)
    put(bowl, place, 5)
    order, [work] = routed({bowl: 2})
    return order, lambda: dropshipping.order(work, by=SYSTEM)


POINTS = {
    "allocation.promised": _route,
    "wave.released": _release,
    "picking.picked": _pick,
    "picking.short": _short,
    "packing.sealed": _seal,
    "leaving.stock_dropped": _hand_over,
    "dispatch.handed_over": _hand_over,
    "cancellation.released": _cancel,
    "amendment.applied": _amend,
    "intercept.honoured": _honour,
    "displacing.given_back": _approve,
    "expiring.given_back": _expire,
    "counting.posted": _approve,
    "dealing.one_done": _deal,
    "meeting.arrived": _meet,
    "joining.sent": _join,
    "dropshipping.ordered": _dropship,
}
WITH_A_CARRIER = {"shipping.label_requested", "dispatch.manifest_closed"}  # test_shipping.py


def story(order) -> tuple:
    return books.counters(order), books.work(order), books.verbs(order)


@pytest.mark.parametrize("point", POINTS)
def test_a_verb_that_dies_did_nothing_and_is_done_by_doing_it_again(world, point):
    order, verb = POINTS[point](*world)
    before = story(order)

    assert dies(point, verb)
    assert (story(order), books.breaches()) == (before, {})

    verb()
    assert (story(order) != before, books.breaches()) == (True, {})


def test_every_crash_point_of_this_room_is_tried():
    named = {p for f in ROOM.rglob("*.py") for p in re.findall(r"crash_point\(\"([a-z_.]+)\"", f.read_text())}

    assert named == (POINTS.keys() - {"counting.posted"}) | WITH_A_CARRIER
