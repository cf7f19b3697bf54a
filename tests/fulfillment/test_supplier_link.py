"""The link in the letter to a supplier: they say yes, no or the tracking number; who says nothing is asked about."""

import re
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.utils import timezone

from fulfillment import dropshipping, sourcing
from inventory import links
from inventory.models import PurchaseOrder, Supplier, SupplierItem
from oms.common import outbox
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from tests.factories.fulfillment import person, routed
from tests.factories.inventory import LocationFactory, put
from tests.fulfillment.books import breaches, verbs, work


@pytest.fixture
def potter(db):
    place = LocationFactory(code="POT", name="Potter's", kind="supplier", priority=9)
    return Supplier.objects.create(name="Potter", email="potter@example.org", location=place)


@pytest.fixture
def order(potter, mug):
    put(mug, potter.location, 10)
    SupplierItem.objects.create(supplier=potter, sku=mug, code="P-77")
    order, _ = routed({mug: 2})
    dropshipping.order_waiting()
    return order


@pytest.fixture
def url(order, settings):
    """As it stands in the letter."""
    outbox.drain()
    [letter] = [one for one in mail.outbox if one.to == ["potter@example.org"]]
    link = re.search(r"http\S+", letter.body)[0]
    assert link.startswith(settings.BASE_URL)
    return link.removeprefix(settings.BASE_URL)


def purchase():
    return PurchaseOrder.objects.select_related("supplier").get()


def text_of(response):
    return response.content.decode()


def test_the_letter_has_a_link_that_shows_the_purchase_to_who_has_not_signed_in(url, order, client):
    page = client.get(url)

    text = text_of(page)
    assert page.status_code == 200
    for word in ("P-77", "Mug", "Jungfernstieg 7", "our code MUG", 'name="robots" content="noindex"'):
        assert word in text
    assert "10.00" not in text
    paper = client.get(f"{url}paper/")
    assert (paper["Content-Type"], paper.content[:4]) == ("application/pdf", b"%PDF")


def test_the_supplier_accepts_and_names_the_tracking_number(url, order, client):
    said = client.post(url, {"answer": "accept"}, follow=True)
    assert "Write the tracking number here when it has left" in text_of(said)
    assert purchase().accepted_at is not None
    client.post(url, {"answer": "accept"})

    nothing = client.post(url, {"answer": "sent", "tracking_number": " "})
    assert (nothing.status_code, "Write the tracking number that the supplier named" in text_of(nothing)) == (422, True)
    client.post(url, {"answer": "sent", "tracking_number": "PT-1"})

    told = list(order.events.filter(verb__startswith="dropship.").order_by("seq").values_list("verb", "actor_label"))
    assert told == [("dropship.ordered", "System"), ("dropship.accepted", "Potter"), ("dropship.sent", "Potter")]
    over = text_of(client.get(url))
    assert "You sent it. Thank you." in over
    assert "Jungfernstieg" not in over
    assert client.get(f"{url}paper/").status_code == 404
    assert (work(order), breaches()) == ([("POT", "completed", 2)], {})


def test_the_supplier_says_no_with_a_reason(url, order, hamburg, mug, client):
    put(mug, hamburg, 5)
    assert client.post(url, {"answer": "reject", "reason": ""}).status_code == 422
    client.post(url, {"answer": "reject", "reason": "kiln broke"})
    sourcing.route(order.pk, by=SYSTEM)

    assert work(order) == [("POT", "cancelled", 0), ("HAM", "open", 2)]
    late = client.post(url, {"answer": "sent", "tracking_number": "PT-1"})
    assert (late.status_code, "It is off: nothing is to be sent." in text_of(late)) == (422, True)
    assert breaches() == {}


def test_a_link_is_signed_and_dies(order, client, monkeypatch):
    good = links.token(purchase())
    assert client.get(f"/s/{good}/").status_code == 200
    assert client.post(f"/s/{good}/", {"answer": "paint"}).status_code == 422

    for bad in (good[:-1] + "x", signing.dumps(purchase().pk), signing.dumps(4711, salt=links.SALT), "x"):
        assert client.get(f"/s/{bad}/").status_code == 404
    monkeypatch.setattr(links, "VALID", timedelta(seconds=-1))
    gone = client.get(f"/s/{good}/")
    assert (gone.status_code, "not valid any more" in text_of(gone)) == (404, True)
    assert client.post(f"/s/{good}/", {"answer": "accept"}).status_code == 404
    assert purchase().accepted_at is None


def test_who_does_not_answer_in_their_days_is_asked_about_and_another_place_is_found(
    order, potter, hamburg, mug, lead, client
):
    put(mug, hamburg, 5)
    asked = purchase().ordered_at
    assert dropshipping.look_for_silent(now=asked + timedelta(days=2) - timedelta(minutes=1)) == 0
    assert dropshipping.look_for_silent(now=asked + timedelta(days=2)) == 1
    assert dropshipping.look_for_silent(now=asked + timedelta(days=3)) == 1
    case = ExceptionCase.objects.unresolved().get(kind="supplier_silent")
    assert case.title == f"Potter has not answered {purchase()}"

    PurchaseOrder.objects.update(ordered_at=timezone.now() - timedelta(days=2))
    client.force_login(lead)
    page = text_of(client.get(purchase().get_absolute_url()))
    assert "and is late: 2 days had they" in page
    client.post(f"/inventory/purchases/{purchase().number}/elsewhere/")
    sourcing.route(order.pk, by=SYSTEM)

    case.refresh_from_db()
    assert (case.state, purchase().state) == ("resolved", "cancelled")
    assert work(order) == [("POT", "cancelled", 0), ("HAM", "open", 2)]
    assert "fulfillment.rejected" in verbs(order)
    outbox.drain()
    assert [one.subject for one in mail.outbox if one.to == [potter.email]][-1] == f"Order {purchase()} is cancelled"
    assert breaches() == {}


def test_an_answer_ends_the_case(order, client):
    dropshipping.look_for_silent(now=timezone.now() + timedelta(days=3))
    assert ExceptionCase.objects.unresolved().filter(kind="supplier_silent").exists()

    client.post(f"/s/{links.token(purchase())}/", {"answer": "accept"})

    assert not ExceptionCase.objects.unresolved().filter(kind="supplier_silent").exists()
    assert dropshipping.look_for_silent(now=timezone.now() + timedelta(days=9)) == 0


def test_a_supplier_has_days_of_their_own(order, potter, client):
    client.force_login(person("admin"))
    said = {"name": "Potter", "email": "potter@example.org", "lead_days": 7, "location": potter.location_id}
    client.post(f"/inventory/suppliers/{potter.pk}/edit/", said | {"answer_days": 5, "active": "on"})

    assert dropshipping.look_for_silent(now=timezone.now() + timedelta(days=4)) == 0
    assert dropshipping.look_for_silent(now=timezone.now() + timedelta(days=6)) == 1
