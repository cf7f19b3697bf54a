from datetime import timedelta

import pytest
from django.utils import timezone

from carriers.models import Tracker
from fulfillment import dispatch, sweeping, tracking
from fulfillment.models import Parcel
from oms.common.models import ExceptionCase
from orders import holds
from orders.statuses import HoldType
from tests.factories.fulfillment import labelled, news, own_van, person, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment import books

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent():
    """(order, shipment) labelled; `hand_over` it or let the carrier scan it."""
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    put(mug, berlin, 20)
    order, [work] = routed({mug: 2})
    return order, labelled(work, own_van(), by=person())


def mails(order) -> list[str]:
    return list(order.mails.order_by("pk").values_list("kind", flat=True))


def test_a_delivered_parcel_delivers_its_units_and_closes_the_order(sent):
    order, shipment = sent
    dispatch.hand_over(shipment, by=person())

    for hours, status in enumerate(["picked_up", "in_transit", "out_for_delivery", "delivered"]):
        news(shipment, status, hours=hours)

    order.refresh_from_db()
    shipment.refresh_from_db()
    assert (order.state, order.fulfillment_state) == ("closed", "delivered")
    assert books.counters(order) == [{"shipped": 2, "delivered": 2}]
    assert mails(order)[-3:] == ["shipped", "out_for_delivery", "delivered"]
    assert shipment.delivered_at is not None
    assert books.breaches() == {}


def test_news_twice_and_out_of_order_never_moves_a_parcel_back(sent):
    order, shipment = sent
    dispatch.hand_over(shipment, by=person())
    news(shipment, "delivered", hours=4)

    news(shipment, "in_transit", hours=1)
    news(shipment, "delivered", hours=4)
    tracking.apply(Tracker.objects.get().pk)

    assert Parcel.objects.get().tracking_status == "delivered"
    assert books.counters(order) == [{"shipped": 2, "delivered": 2}]
    assert (mails(order).count("delivered"), books.verbs(order).count("parcel.delivered")) == (1, 1)
    assert books.breaches() == {}


def test_a_parcel_the_carrier_has_was_handed_over(sent):
    order, shipment = sent

    news(shipment, "in_transit")

    shipment.refresh_from_db()
    assert (shipment.state, books.counters(order)) == ("handed_over", [{"shipped": 2}])
    assert order.events.get(verb="shipment.handed_over").actor_kind == "carrier"


def test_a_hold_cannot_keep_what_the_carrier_has(sent):
    order, shipment = sent
    holds.place(order, type=HoldType.CUSTOMER, reason="wait", by=person())

    news(shipment, "in_transit")

    assert books.counters(order) == [{"shipped": 2}]
    assert books.breaches() == {}


@pytest.mark.parametrize(
    ("status", "facts", "kind"),
    [
        ("delivery_failed", {"incident_reason": "absent"}, "parcel_failed"),
        ("return_to_sender", {}, "parcel_failed"),
        ("on_hold", {"incident_reason": "lost"}, "parcel_lost"),
    ],
)
def test_a_parcel_in_trouble_is_put_before_a_person(sent, status, facts, kind):
    order, shipment = sent
    dispatch.hand_over(shipment, by=person())

    news(shipment, status, hours=1, **facts)
    tracking.apply(Tracker.objects.get().pk)

    case = ExceptionCase.objects.get(subject=f"order:{order.number}", kind=kind)
    assert case.state == "open"


def test_a_late_parcel_is_a_case_until_it_arrives(sent):
    _, shipment = sent
    dispatch.hand_over(shipment, by=person())
    news(shipment, "in_transit")
    Tracker.objects.update(deliver_by=timezone.now() - timedelta(days=1))

    found = (tracking.look_for_late(), tracking.look_for_late())
    case = ExceptionCase.objects.get(kind="parcel_late")
    before = case.state
    news(shipment, "delivered", hours=1)
    case.refresh_from_db()

    assert (found, before, case.state) == ((1, 1), "open", "resolved")


def test_the_sweep_applies_what_a_lost_message_left(sent):
    order, shipment = sent
    dispatch.hand_over(shipment, by=person())
    Tracker.objects.update(status="delivered", delivered_at=timezone.now())

    assert (sweeping.apply_tracking(), sweeping.apply_tracking()) == (1, 0)
    assert books.counters(order) == [{"shipped": 2, "delivered": 2}]
