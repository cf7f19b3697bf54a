"""Suppliers that send to our customers: ordered by mail with a paper, accepted, refused or sent."""

import pytest
from django.core import mail
from django.utils import timezone

from fulfillment import cancellation, dropshipping, sourcing
from inventory import availability, forwarding, purchasing
from inventory.models import PurchaseOrder
from oms.common import outbox
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.models import ExceptionCase
from orders import holds
from orders.statuses import HoldType
from tests.factories.fulfillment import person, routed
from tests.factories.inventory import LocationFactory, SupplierFactory, put
from tests.fulfillment.books import breaches, counters, verbs, waiting, work


@pytest.fixture
def potter(db):
    """A supplier who keeps ten mugs that we may sell."""
    place = LocationFactory(code="POT", name="Potter's", kind="supplier")
    return SupplierFactory(name="Potter", email="potter@example.org", location=place)


@pytest.fixture
def order(potter, mug):
    put(mug, potter.location, 10)
    order, _ = routed({mug: 2})
    dropshipping.order_waiting()
    return order


def letters():
    """To suppliers."""
    outbox.drain()
    sent = [one for one in mail.outbox if one.subject.startswith("Order ")]
    return [(one.subject, one.to, [name for name, _, _ in one.attachments]) for one in sent]


def test_work_at_a_suppliers_place_is_ordered_from_them_by_mail(order, potter, mug):
    purchase = PurchaseOrder.objects.get()

    assert (purchase.state, purchase.location, purchase.supplier) == ("ordered", potter.location, potter)
    assert purchase.ships_to == order.shipping_address
    assert list(purchase.lines.values_list("sku__code", "ordered")) == [("MUG", 2)]
    assert work(order) == [("POT", "released", 2)]
    assert letters() == [(f"Order {purchase}", ["potter@example.org"], [f"{purchase}.pdf"])]
    assert next(one for one in mail.outbox if one.attachments).attachments[0][1].startswith(b"%PDF")
    assert availability.incoming([mug.pk]) == []
    assert dropshipping.order_waiting() == 0


def test_the_tracking_number_completes_the_work(order, potter, mug, lead):
    purchase = PurchaseOrder.objects.get()
    dropshipping.accept(purchase, by=lead)
    shipment = dropshipping.ship(purchase, " PT-4711 ", by=lead)

    purchase.refresh_from_db()
    order.refresh_from_db()
    assert (purchase.state, work(order)) == ("received", [("POT", "completed", 2)])
    assert counters(order) == [{"shipped": 2}]
    outbox.drain()
    assert "PT-4711" in "".join(letter.body for letter in mail.outbox if letter.to == [order.email])
    assert [parcel.tracking_number for parcel in shipment.parcels.all()] == ["PT-4711"]
    assert availability.atp([mug.pk]) == {(mug.pk, potter.location_id): 8}
    told = verbs(order)
    assert [verb for verb in told if verb.startswith("dropship")] == [
        "dropship.ordered",
        "dropship.accepted",
        "dropship.sent",
    ]
    with pytest.raises(Refused):
        dropshipping.ship(purchase, "PT-4712", by=lead)
    assert breaches() == {}


def test_what_the_supplier_refuses_is_found_elsewhere(hamburg, order, mug, lead):
    put(mug, hamburg, 5)
    dropshipping.reject(PurchaseOrder.objects.get(), reason="kiln broke", by=lead)
    sourcing.route(order.pk, by=SYSTEM)

    assert PurchaseOrder.objects.get().state == "cancelled"
    assert work(order) == [("POT", "cancelled", 0), ("HAM", "open", 2)]
    assert breaches() == {}


def test_what_nobody_else_has_waits_and_is_not_ordered_again(order, lead):
    dropshipping.reject(PurchaseOrder.objects.get(), reason="kiln broke", by=lead)
    sourcing.route(order.pk, by=SYSTEM)
    dropshipping.order_waiting()

    assert waiting(order) == [("MUG", 2, "")]
    assert PurchaseOrder.objects.count() == 1


def test_a_cancelled_order_is_called_off_at_the_supplier(order, lead):
    cancellation.cancel(order, reason="changed her mind", by=lead)
    assert dropshipping.follow_all() == 1
    assert dropshipping.follow_all() == 0

    purchase = PurchaseOrder.objects.get()
    assert purchase.state == "cancelled"
    assert letters()[-1] == (f"Order {purchase} is cancelled", ["potter@example.org"], [])


def test_fewer_units_are_told_to_the_supplier(order, lead):
    cancellation.cancel(order, quantities={order.lines.get().pk: 1}, reason="one is enough", by=lead)
    dropshipping.follow_all()

    purchase = PurchaseOrder.objects.get()
    assert list(purchase.lines.values_list("ordered", flat=True)) == [1]
    assert letters()[-1] == (f"Order {purchase} has changed", ["potter@example.org"], [f"{purchase}.pdf"])


def test_a_held_order_is_not_ordered_from_anybody(potter, mug):
    put(mug, potter.location, 10)
    order, _ = routed({mug: 2})
    holds.place(order, type=HoldType.REVIEW, reason="Look", by=SYSTEM)

    assert dropshipping.order_waiting() == 0
    assert not PurchaseOrder.objects.exists()


def test_a_supplier_without_an_address_is_told_by_a_person(potter, mug):
    potter.email = ""
    potter.save()
    put(mug, potter.location, 10)
    routed({mug: 1})
    dropshipping.order_waiting()

    assert letters() == []
    assert (
        ExceptionCase.objects.get(kind="purchase_by_hand").title
        == f"Tell Potter: {PurchaseOrder.objects.get()} is ordered"
    )


def test_it_is_never_received_at_a_place_of_ours(order, lead):
    with pytest.raises(purchasing.NotReceivable, match="goes straight to the customer"):
        purchasing.receive(PurchaseOrder.objects.get().lines.get(), 1, by=lead)


def test_a_purchase_for_our_own_place_is_not_forwarded(potter, mug, berlin, lead):
    own = purchasing.create(potter, berlin, {mug: 1}, expected_at=timezone.now(), by=lead)
    with pytest.raises(Refused, match="comes to our own place"):
        dropshipping.accept(own, by=lead)
    with pytest.raises(Refused, match="comes to our own place"):
        forwarding.accept(own, by=lead)


def test_a_lead_writes_down_what_the_supplier_answers(client, order, lead):
    purchase = PurchaseOrder.objects.get()
    page = purchase.get_absolute_url()
    client.force_login(lead)
    shown = client.get(page).content.decode()
    assert "Straight to the customer" in shown
    assert f"{page}lines/" not in shown

    client.post(f"{page}accepted/")
    assert client.post(f"{page}sent/", {"tracking_number": ""}, follow=True).status_code == 200
    client.post(f"{page}sent/", {"tracking_number": "PT-1"})

    purchase.refresh_from_db()
    assert (purchase.state, work(order)) == ("received", [("POT", "completed", 2)])


def test_a_refusal_needs_its_reason(client, order, lead):
    purchase = PurchaseOrder.objects.get()
    client.force_login(lead)
    client.post(f"{purchase.get_absolute_url()}rejected/", {"reason": ""})
    assert work(order) == [("POT", "released", 2)]

    client.post(f"{purchase.get_absolute_url()}rejected/", {"reason": "kiln broke"})
    assert work(order) == [("POT", "cancelled", 0)]


def test_a_purchase_is_read_on_paper(client, order, lead):
    client.force_login(lead)

    answer = client.get(f"{PurchaseOrder.objects.get().get_absolute_url()}paper/")

    assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")


def test_it_is_not_cancelled_behind_the_works_back(order, lead):
    with pytest.raises(Refused, match="move or cancel FO-"):
        purchasing.cancel(PurchaseOrder.objects.get(), by=lead)


def test_a_picker_does_not_see_where_the_customer_lives(client, order):
    purchase = PurchaseOrder.objects.get()
    client.force_login(person("picker"))

    assert "Jungfernstieg" not in client.get(purchase.get_absolute_url()).content.decode()
    assert client.get(f"{purchase.get_absolute_url()}paper/").status_code == 404
