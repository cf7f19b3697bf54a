"""T02, in slow motion: a verb that touches several places locks their stock in the order of the house."""

import threading
from dataclasses import asdict

import pytest
from django.db import connection, transaction

from fulfillment import amendments, cancellation
from fulfillment.amendments import Action
from inventory.models import StockLevel
from oms.common.actors import SYSTEM
from oms.common.locking import lock
from tests.factories.fulfillment import HAMBURG, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment import books
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def levels():
    """Those of two places, the first place's made last."""
    berlin, hamburg = LocationFactory(code="BER", collects=True), LocationFactory(code="HAM")
    mug, lamp = SkuFactory(code="MUG"), SkuFactory(code="LAMP")
    put(lamp, hamburg, 5)
    put(mug, berlin, 5)
    return StockLevel.objects.get(sku=lamp), StockLevel.objects.get(sku=mug)


@pytest.fixture
def order(levels):
    order, works = routed({level.sku: 1 for level in levels})
    assert len(works) == 2
    return order


def cancel(order):
    cancellation.cancel(order, reason="no more", by=SYSTEM)


def to_the_store(order):
    store = Action("set_method", {"method": "pickup", "pickup_location": "BER"})
    amendments.amend(order, [store], by=SYSTEM)


def another_address_and_less(order):
    far = Action("set_address", asdict(HAMBURG) | {"postal_code": "80331", "city": "München"})
    less = Action("set_quantity", {"quantity": 0}, order.lines.get(sku_code="MUG").pk)
    amendments.amend(order, [far, less], by=SYSTEM)


@pytest.mark.parametrize("verb", [cancel, to_the_store, another_address_and_less])
def test_who_waits_for_the_first_level_does_not_have_the_second(levels, order, verb):
    first, second = levels
    held, done, seen = threading.Event(), threading.Event(), []

    def hold_the_first():
        with transaction.atomic():
            lock(StockLevel.objects.filter(pk=first.pk))
            held.set()
            wait_until_somebody_wants_what_i_hold(done)
            free = StockLevel.objects.filter(pk=second.pk).select_for_update(no_key=True, skip_locked=True)
            seen.extend(free)

    def act():
        held.wait(10)
        try:
            verb(order)
        finally:
            done.set()

    assert at_once(hold_the_first, act) == [None, None]
    assert seen == [second]
    assert books.breaches() == {}


def wait_until_somebody_wants_what_i_hold(done):
    with connection.cursor() as cursor:
        waiting = 0
        while not waiting and not done.is_set():
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            waiting = cursor.fetchone()[0]
