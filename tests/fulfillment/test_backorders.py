from datetime import timedelta

from django.utils import timezone

from fulfillment import backorders, sourcing
from fulfillment.models import Backorder
from tests.factories.fulfillment import confirmed_order, routed
from tests.factories.inventory import put
from tests.fulfillment import books


def ago(days: int) -> dict:
    return {"placed_at": timezone.now() - timedelta(days=days)}


def test_arriving_stock_goes_to_the_oldest_order_by_itself(berlin, mug, django_capture_on_commit_callbacks):
    young, _ = routed({mug: 2}, **ago(1))
    old, _ = routed({mug: 2}, **ago(5))

    with django_capture_on_commit_callbacks(execute=True):
        put(mug, berlin, 3)

    assert books.counters(old) == [{"allocated": 2}]
    assert books.counters(young) == [{"allocated": 1, "backordered": 1}]
    assert books.breaches() == {}


def test_filling_twice_changes_nothing(berlin, mug):
    order, _ = routed({mug: 2})
    put(mug, berlin, 5)

    assert (backorders.fill(mug.pk), backorders.fill(mug.pk), backorders.fill_all()) == (2, 0, 0)
    assert list(Backorder.objects.values_list("state", "filled")) == [("filled", 2)]
    assert books.work(order) == [("BER", "open", 2)]


def test_a_new_order_does_not_jump_the_queue(berlin, mug):
    old, _ = routed({mug: 2}, **ago(5))
    put(mug, berlin, 2)  # nobody has heard of it yet
    new = confirmed_order({mug: 2})

    sourcing.route(new.pk)

    assert (books.counters(old), books.counters(new)) == ([{"allocated": 2}], [{"backordered": 2}])


def test_an_order_that_cannot_use_the_stock_lets_the_next_one_pass(berlin, hamburg, mug):
    berlin.collects = True
    berlin.save()
    store, _ = routed({mug: 1}, method="pickup", store=berlin, **ago(5))
    ship, _ = routed({mug: 1}, **ago(1))
    put(mug, hamburg, 1)

    backorders.fill(mug.pk)

    assert (books.counters(store), books.counters(ship)) == ([{"backordered": 1}], [{"allocated": 1}])


def test_units_that_arrive_join_the_work_that_is_not_released_yet(berlin, mug):
    put(mug, berlin, 1)
    order, _ = routed({mug: 3})
    put(mug, berlin, 2)

    backorders.fill(mug.pk)

    assert books.work(order) == [("BER", "open", 3)]
    assert books.breaches() == {}
