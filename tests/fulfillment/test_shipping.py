from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from carriers.models import Label, Manifest
from fulfillment import cancellation, dispatch, interception, packing, shipping, sweeping, work
from fulfillment.models import Parcel
from inventory import stock
from orders import holds
from orders.holds import Held
from orders.statuses import HoldType
from tests.factories.fulfillment import labelled, own_van, packed, person, picked, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment import books
from tests.fulfillment.test_crashes import dies
from tests.inventory.books import level

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def berlin():
    return LocationFactory(code="BER", name="Berlin")


@pytest.fixture
def mug():
    return SkuFactory(code="MUG", name="Mug")


@pytest.fixture
def lead():
    return person()


@pytest.fixture
def work_of(berlin, mug):
    put(mug, berlin, 20)

    def make(units=2, **facts):
        order, [one] = routed({mug: units}, **facts)
        return order, one

    return make


def test_the_cheapest_that_keeps_the_promise_is_preselected(work_of, lead):
    own_van(services={"slow": ("3.00", 12), "standard": ("4.90", 3), "express": ("12.00", 1)})
    _, one = work_of(promised_deliver_by=timezone.now() + timedelta(days=6))

    seen = shipping.offers(packed(one, by=lead))

    assert [(c.offer.service_code, c.offer.price.amount, c.keeps, c.preselected) for c in seen.choices] == [
        ("slow", D("3.000"), False, False),
        ("standard", D("4.900"), True, True),
        ("express", D("12.000"), True, False),
    ]
    assert seen.preselected.because == "cheapest that keeps the promise; Slow would be late"
    assert seen.problems == ()


def test_the_earliest_is_preselected_when_none_keeps_the_promise(work_of, lead):
    own_van(services={"slow": ("3.00", 12), "standard": ("4.90", 4)})
    _, one = work_of(promised_deliver_by=timezone.now() - timedelta(days=1))

    seen = shipping.offers(packed(one, by=lead))

    assert (seen.preselected.offer.service_code, seen.preselected.keeps) == ("standard", False)


def bills(order):
    """Units and total of each invoice."""
    papers = order.documents.filter(kind="invoice").order_by("pk").values_list("facts", flat=True)
    return [([row["units"] for row in facts["rows"]], facts["total"]) for facts in papers]


def test_what_is_packed_anew_was_billed_before(work_of, lead):
    van = own_van()
    order, one = work_of(shipping="4.00")
    packing.reopen(labelled(one, van, by=lead), by=lead)

    again = packing.start(one.number, by=lead)
    packing.scan(again, "MUG", quantity=2, by=lead)
    packing.seal(again, by=lead)
    shipping.choose(again, van, "standard", by=lead)
    again.refresh_from_db()
    dispatch.hand_over(again, by=lead)

    assert (again.state, bills(order)) == ("labelled", [([2], "24.000")])
    assert books.breaches() == {}


def test_a_unit_cancelled_after_its_label_is_billed_once_and_its_place_taken_by_another(work_of, berlin, mug, lead):
    """Three from Berlin are billed, one of them goes back; the four of Hamburg count on from there."""
    van, hamburg = own_van(), LocationFactory(code="HAM")
    put(mug, hamburg, 4)
    berlin.refresh_from_db()
    stock.adjust(mug.pk, berlin.bins.get(code="A-01").pk, -17, reason="lost", by=lead)
    order, works = routed({mug: 7}, price="1.00", tax="0.10")
    ours, theirs = sorted(works, key=lambda one: one.location.code)
    labelled(ours, van, by=lead)
    (asked,) = cancellation.cancel(order, quantities={order.lines.get().pk: 5}, reason="no", by=lead).intercepts
    interception.honour(asked, by=lead)
    ours.refresh_from_db()
    theirs.refresh_from_db()

    assert (ours.state, theirs.state, asked.quantity) == ("picked", "cancelled", 1)
    again = packing.start(ours.number, by=lead)
    packing.scan(again, "MUG", quantity=2, by=lead)
    packing.seal(again, by=lead)
    dispatch.hand_over(again, without_label="our own van", by=lead)

    assert bills(order) == [([3], "3.300")]
    assert books.breaches() == {}


def test_a_chosen_service_is_bought_and_labels_the_shipment(work_of, lead):
    van = own_van()
    order, one = work_of()
    shipment = packed(one, by=lead)
    choice = shipping.offers(shipment).preselected

    shipping.choose(shipment, van, choice.offer.service_code, offer=choice.offer, because=choice.because, by=lead)

    shipment.refresh_from_db()
    parcel = shipment.parcels.get()
    assert (shipment.state, shipment.cost, shipment.service_name) == ("labelled", D("4.900"), "Standard")
    assert (parcel.tracking_number, parcel.label.is_bought) == (parcel.label.tracking_number, True)
    assert (parcel.tracker.reference, shipment.manifest.location_code) == (f"{shipment}/1", "BER")
    assert order.documents.get().kind == "invoice"
    assert books.verbs(order)[-3:] == ["label.requested", "document.issued", "shipment.labelled"]
    assert books.breaches() == {}


def test_choosing_twice_buys_once(work_of, lead):
    van = own_van()
    _, one = work_of()
    shipment = labelled(one, van, by=lead)

    shipping.choose(shipment, van, "standard", by=lead)
    shipping.settle(Label.objects.get().pk)

    assert Label.objects.count() == 1


def test_every_parcel_gets_its_label(work_of, lead):
    van = own_van()
    _, one = work_of(units=2)
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)
    for _ in range(2):
        packing.scan(shipment, "MUG", by=lead)
        packing.seal(shipment, by=lead)

    shipping.choose(shipment, van, "standard", by=lead)

    shipment.refresh_from_db()
    assert (shipment.state, shipment.cost) == ("labelled", D("9.800"))
    assert len(set(Parcel.objects.values_list("tracking_number", flat=True))) == 2


def test_another_service_is_chosen_after_the_label_was_taken_back(work_of, lead):
    van = own_van()
    _, one = work_of()
    shipment = labelled(one, van, by=lead)
    with pytest.raises(work.NotNow, match="has a label"):
        shipping.choose(shipment, van, "express", by=lead)

    shipping.take_back(shipment, by=lead)
    shipping.choose(shipment, van, "express", by=lead)

    shipment.refresh_from_db()
    assert (shipment.state, shipment.service_code) == ("labelled", "express")
    assert sorted(Label.objects.values_list("state", "service_code")) == [("bought", "express"), ("voided", "standard")]
    assert books.breaches() == {}


def test_a_label_that_is_refused_becomes_a_case_and_another_may_be_chosen(work_of, lead):
    van = own_van()
    order, one = work_of()
    shipment = packed(one, by=lead)
    van.services.get(code="standard").tables.all().delete()
    shipping.choose(shipment, van, "standard", by=lead)
    failed = (Label.objects.get().state, books.verbs(order)[-1])

    shipping.choose(shipment, van, "express", by=lead)

    shipment.refresh_from_db()
    assert (failed, shipment.state) == (("failed", "label.failed"), "labelled")


def test_the_sweep_labels_what_a_lost_message_left(work_of, lead):
    van = own_van()
    _, one = work_of()
    shipment = labelled(one, van, by=lead)
    Parcel.objects.update(tracking_number="", tracker=None)
    shipment.__class__.objects.update(state="sealed")

    sweeping.settle_labels()

    shipment.refresh_from_db()
    assert shipment.state == "labelled"


def test_a_hold_and_an_intercept_stop_the_label(work_of, lead):
    van = own_van()
    order, one = work_of()
    shipment = packed(one, by=lead)
    holds.place(order, type=HoldType.CUSTOMER, reason="wait", by=lead)

    with pytest.raises(Held):
        shipping.choose(shipment, van, "standard", by=lead)


def test_a_shipment_by_scan_leaves_once(work_of, berlin, mug, lead):
    order, one = work_of()
    shipment = labelled(one, own_van(), by=lead)

    dispatch.hand_over(shipment, by=lead)
    dispatch.hand_over(shipment, by=lead)

    order.refresh_from_db()
    one.refresh_from_db()
    assert (order.fulfillment_state, one.state) == ("shipped", "completed")
    assert books.counters(order) == [{"shipped": 2}]
    assert level(mug, berlin) == {"on_hand": 18, "available": 18}
    mail = order.mails.get(kind="shipped").text
    assert (shipment.parcels.get().tracking_number in mail, "2 × Mug" in mail) == (True, True)
    assert books.breaches() == {}


def test_a_manifest_takes_all_that_may_leave(work_of, lead):
    van = own_van()
    made = [work_of() for _ in range(3)]
    shipments = [labelled(one, van, by=lead) for _, one in made]
    holds.place(made[1][0], type=HoldType.CUSTOMER, reason="wait", by=lead)

    done = dispatch.hand_over_manifest(Manifest.objects.get(), by=lead)

    assert [s.pk for s in done.shipments] == [shipments[0].pk, shipments[2].pk]
    shipments[1].refresh_from_db()
    assert (shipments[1].state, shipments[1].manifest, done.closing) == ("labelled", None, False)
    assert (dispatch.hand_over_closed(), books.breaches()) == (0, {})


def test_cancelling_a_labelled_order_takes_the_label_back(work_of, lead):
    order, one = work_of()
    shipment = labelled(one, own_van(), by=lead)

    cancellation.cancel(order, reason="customer asked", by=lead)

    shipment.refresh_from_db()
    assert (shipment.state, Label.objects.get().state) == ("voided", "voided")
    assert books.breaches() == {}


def test_what_is_not_labelled_does_not_leave(work_of, lead):
    _, one = work_of()

    with pytest.raises(work.NotNow, match="is ready for a label: it can't leave yet"):
        dispatch.hand_over(packed(one, by=lead), by=lead)


def test_a_process_that_dies_while_asking_for_a_label_asked_for_none(work_of, lead):
    van = own_van()
    order, one = work_of()
    shipment = packed(one, by=lead)

    assert dies("shipping.label_requested", lambda: shipping.choose(shipment, van, "standard", by=lead))
    assert Label.objects.count() == 0

    shipping.choose(shipment, van, "standard", by=lead)
    assert (Label.objects.get().state, books.breaches()) == ("bought", {})
    assert order.documents.count() == 1


def test_a_process_that_dies_after_closing_a_manifest_is_gone_on_with(work_of, lead):
    van = own_van()
    order, one = work_of()
    labelled(one, van, by=lead)

    assert dies("dispatch.manifest_closed", lambda: dispatch.hand_over_manifest(Manifest.objects.get(), by=lead))
    assert books.counters(order) == [{"allocated": 2, "picked": 2, "packed": 2}]

    assert dispatch.hand_over_closed() == 1
    assert (books.counters(order), books.breaches()) == ([{"shipped": 2}], {})
