from datetime import timedelta

import pytest
from django.utils import timezone

from fulfillment import pickup
from fulfillment.models import FulfillmentOrder
from tests.factories.fulfillment import packed, routed
from tests.factories.inventory import put
from tests.fulfillment import books
from tests.inventory.books import bins, level


@pytest.fixture
def waiting(berlin, mug, lead):
    berlin.collects = True
    berlin.save()
    put(mug, berlin, 5)
    order, [one] = routed({mug: 2}, method="pickup", store=berlin)
    packed(one, by=lead)
    return order, FulfillmentOrder.objects.get()


def test_a_packed_pickup_is_ready_with_a_code_by_mail(waiting):
    order, one = waiting

    assert (one.state, len(one.collect_code), one.collect_until > timezone.now()) == ("ready_for_pickup", 6, True)
    mail = order.mails.get(kind="pickup_ready")
    assert one.collect_code in mail.text
    assert books.breaches() == {}


def test_the_code_finds_the_order_and_hands_it_over(waiting, berlin, mug, lead):
    order, one = waiting

    found = pickup.find(berlin, f" {one.collect_code[:3]} {one.collect_code[3:]}")
    pickup.collect(found, one.collect_code, by=lead)
    pickup.collect(found, one.collect_code, by=lead)

    order.refresh_from_db()
    assert (order.state, order.fulfillment_state) == ("closed", "delivered")
    assert books.counters(order) == [{"shipped": 2, "delivered": 2}]
    assert level(mug, berlin) == {"on_hand": 3, "available": 3}
    assert order.documents.filter(kind="invoice").count() == 1
    assert books.breaches() == {}


def test_a_wrong_code_hands_nothing_over(waiting, berlin, lead):
    _, one = waiting

    with pytest.raises(pickup.WrongCode):
        pickup.find(berlin, "no")
    with pytest.raises(pickup.WrongCode):
        pickup.collect(one, "000000" if one.collect_code != "000000" else "111111", by=lead)


def test_who_does_not_come_is_cancelled_and_the_goods_are_for_sale_again(waiting, berlin, mug):
    order, one = waiting
    FulfillmentOrder.objects.update(collect_until=timezone.now() - timedelta(minutes=1))

    assert (pickup.expire(), pickup.expire()) == (1, 0)

    order.refresh_from_db()
    one.refresh_from_db()
    assert (order.state, one.state, one.cancel_reason) == ("cancelled", "cancelled", "not collected in time")
    assert books.counters(order) == [{"cancelled": 2}]
    assert (bins(mug, berlin), level(mug, berlin)) == ({"A-01": 5}, {"on_hand": 5, "available": 5})
    assert books.breaches() == {}


def test_more_time_is_given_on_request(waiting, lead):
    _, one = waiting
    FulfillmentOrder.objects.update(collect_until=timezone.now() - timedelta(minutes=1))
    one.refresh_from_db()

    pickup.extend(one, 3, by=lead)

    assert pickup.expire() == 0
