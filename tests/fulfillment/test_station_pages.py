"""The pages of the stations: pack, label, hand over, collect, as a packer does it."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from carriers.models import Label
from fulfillment import packing
from fulfillment.models import Parcel, Shipment
from tests.factories.fulfillment import own_van, packed, person, picked, routed
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def packer(client, db):
    client.force_login(person("packer"))
    return client


@pytest.fixture
def one(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [work] = routed({mug: 2})
    return picked(work, by=lead)


def test_packed_labelled_and_handed_over_by_posts(packer, one):
    van = own_van()
    assert one.number in packer.get(reverse("fulfillment:pack")).content.decode()
    opened = packer.post(reverse("fulfillment:pack"), {"code": one.number})
    shipment = Shipment.objects.get()
    assert opened.url == reverse("fulfillment:pack-shipment", args=[shipment.number])

    for _ in range(2):
        packer.post(reverse("fulfillment:scan", args=[shipment.number]), {"code": "MUG"})
    page = packer.get(opened.url).content.decode()
    assert "0 to scan" in page
    assert "Seal the parcel" in page
    sealed = packer.post(reverse("fulfillment:seal", args=[shipment.number]), {"weight_g": "", "box": ""})
    assert sealed.status_code == 302, sealed.content.decode()
    assert packer.get(reverse("fulfillment:slip", args=[shipment.number])).content.startswith(b"%PDF")
    assert shipment.number in packer.get(reverse("fulfillment:ship")).content.decode()

    page = packer.get(reverse("fulfillment:ship-shipment", args=[shipment.number])).content.decode()
    assert f'value="{van.pk}:standard" checked' in page
    assert "keeps the promise" in page
    packer.post(reverse("fulfillment:ship-choose", args=[shipment.number]), {"offer": f"{van.pk}:standard"})
    shipment.refresh_from_db()
    assert (shipment.state, shipment.service_code) == ("labelled", "standard")
    page = packer.get(reverse("fulfillment:ship-shipment", args=[shipment.number])).content.decode()
    assert "Label PDF" in page
    assert "every 2s" not in page
    assert packer.get(reverse("fulfillment:ship-labels", args=[shipment.number]))["HX-Refresh"] == "true"
    Label.objects.update(state="requested")
    part = packer.get(reverse("fulfillment:ship-labels", args=[shipment.number]))
    assert "every 2s" in part.content.decode()
    assert "HX-Refresh" not in part
    Label.objects.update(state="bought")
    assert packer.get(reverse("carriers:label-paper", args=[Label.objects.get().pk, "pdf"])).status_code == 200
    assert shipment.number in packer.get(reverse("fulfillment:handover")).content.decode()

    packer.post(reverse("fulfillment:handover"), {"code": Parcel.objects.get().tracking_number})
    shipment.refresh_from_db()
    assert shipment.state == "handed_over"


def test_a_wrong_item_is_told_and_stays_out(packer, one, lamp):
    packer.post(reverse("fulfillment:pack"), {"code": one.number})
    shipment = Shipment.objects.get()
    answer = packer.post(reverse("fulfillment:scan", args=[shipment.number]), {"code": "LAMP"})
    assert answer.status_code == 422
    assert "LAMP Lamp is not in this order." in answer.content.decode()
    assert not shipment.parcels.filter(lines__quantity__gt=0).exists()


def test_a_scan_sent_twice_counts_once_and_is_taken_out_again(packer, one):
    packer.post(reverse("fulfillment:pack"), {"code": one.number})
    shipment = Shipment.objects.get()
    for _ in range(2):
        packer.post(
            reverse("fulfillment:scan", args=[shipment.number]), {"code": "MUG", "idempotency_key": "same-click"}
        )
    assert shipment.parcels.get().lines.get().quantity == 1
    packer.post(reverse("fulfillment:unscan", args=[shipment.number]), {"code": "MUG"})
    assert not shipment.parcels.get().lines.exists()


def test_an_offer_chosen_twice_buys_one_label_that_can_be_taken_back(packer, one):
    van = own_van()
    packer.post(reverse("fulfillment:pack"), {"code": one.number})
    shipment = Shipment.objects.get()
    packer.post(reverse("fulfillment:scan", args=[shipment.number]), {"code": "MUG", "quantity": "2"})
    packer.post(reverse("fulfillment:seal", args=[shipment.number]), {})
    for _ in range(2):
        packer.post(
            reverse("fulfillment:ship-choose", args=[shipment.number]),
            {"offer": f"{van.pk}:express", "idempotency_key": "same-click"},
        )
    assert Label.objects.count() == 1
    packer.post(reverse("fulfillment:ship-take-back", args=[shipment.number]))
    shipment.refresh_from_db()
    assert shipment.state == "sealed"


def test_a_whole_manifest_leaves(packer, one):
    van = own_van()
    packer.post(reverse("fulfillment:pack"), {"code": one.number})
    shipment = Shipment.objects.get()
    packer.post(reverse("fulfillment:scan", args=[shipment.number]), {"code": "MUG", "quantity": "2"})
    packer.post(reverse("fulfillment:seal", args=[shipment.number]), {})
    packer.post(reverse("fulfillment:ship-choose", args=[shipment.number]), {"offer": f"{van.pk}:standard"})
    shipment.refresh_from_db()
    assert shipment.manifest.number in packer.get(reverse("fulfillment:manifests")).content.decode()
    answer = packer.post(reverse("fulfillment:hand-over-manifest", args=[shipment.manifest.number]))
    shipment.refresh_from_db()
    assert answer.status_code == 200
    assert shipment.state == "handed_over"


def test_collected_only_for_the_right_code(client, berlin, mug, lead):
    berlin.collects = True
    berlin.save()
    put(mug, berlin, 5)
    order, [work] = routed({mug: 2}, method="pickup", store=berlin)
    packed(work, by=lead)
    work.refresh_from_db()
    client.force_login(lead)
    page = client.get(reverse("fulfillment:collect"), {"q": work.collect_code}).content.decode()
    assert order.number in page
    assert order.number in client.get(reverse("fulfillment:collect"), {"q": "ada"}).content.decode()
    assert order.number not in client.get(reverse("fulfillment:collect"), {"q": "Nobody"}).content.decode()

    wrong = client.post(reverse("fulfillment:collect-hand-over", args=[work.pk]), {"code": "x"})
    work.refresh_from_db()
    assert wrong.status_code == 422
    assert "No order waits here for this code." in wrong.content.decode()
    assert work.state == "ready_for_pickup"

    until = work.collect_until
    client.post(reverse("fulfillment:collect-extend", args=[work.pk]), {"days": "3"})
    work.refresh_from_db()
    assert (work.collect_until - until).days == 3
    assert client.post(reverse("fulfillment:collect-extend", args=[work.pk]), {"days": "99"}).status_code == 422

    client.post(reverse("fulfillment:collect-hand-over", args=[work.pk]), {"code": work.collect_code})
    work.refresh_from_db()
    assert work.state == "completed"


def test_backorders_say_what_they_wait_for(client, berlin, mug, lead):
    order, _ = routed({mug: 2})
    client.force_login(lead)
    page = client.get(reverse("fulfillment:backorders")).content.decode()
    assert order.number in page
    assert "nothing bought yet" in page


def test_who_guesses_codes_has_to_wait(client, berlin, mug, lead):
    berlin.collects = True
    berlin.save()
    put(mug, berlin, 1)
    _, [work] = routed({mug: 1}, method="pickup", store=berlin)
    packed(work, by=lead)
    work.refresh_from_db()
    client.force_login(lead)
    there = reverse("fulfillment:collect-hand-over", args=[work.pk])
    for _ in range(5):
        assert client.post(there, {"code": "guess"}).status_code == 422
    answer = client.post(there, {"code": work.collect_code})
    assert (answer.status_code, "Too many wrong codes" in answer.content.decode()) == (422, True)
    cache.clear()
    assert client.post(there, {"code": work.collect_code}).status_code == 302


@pytest.mark.parametrize("name", ["pack", "ship", "handover", "manifests", "collect"])
def test_only_who_may_has_a_station(client, db, name):
    client.force_login(person("returns"))
    assert client.get(reverse(f"fulfillment:{name}")).status_code == 403


def test_a_weight_far_off_asks_for_a_second_look(packer, one, mug):
    mug.weight_g = 400
    mug.save()
    packer.post(reverse("fulfillment:pack"), {"code": one.number})
    shipment = Shipment.objects.get()
    packer.post(reverse("fulfillment:scan", args=[shipment.number]), {"code": "MUG"})
    seal = reverse("fulfillment:seal", args=[shipment.number])
    answer = packer.post(seal, {"weight_g": "5000"})
    assert answer.status_code == 422
    assert "seal it anyway" in answer.content.decode()
    packer.post(seal, {"weight_g": "5000", "anyway": "1"})
    packer.post(reverse("fulfillment:scan", args=[shipment.number]), {"code": "MUG"})
    packer.post(seal, {})
    shipment.refresh_from_db()
    assert (shipment.state, shipment.parcels.count()) == ("sealed", 2)
    assert b"%PDF" in packer.get(reverse("fulfillment:slip", args=[shipment.number])).content[:8]


def test_who_works_elsewhere_opens_and_sees_nothing_here(client, one, hamburg, lead):
    shipment = packing.start(one.number, by=lead)
    other = person("packer")
    other.all_locations = False
    other.save()
    hamburg.staff.add(other)
    client.force_login(other)
    assert one.number not in client.get(reverse("fulfillment:pack")).content.decode()
    assert client.post(reverse("fulfillment:pack"), {"code": one.number}).status_code == 422
    for name in ("pack-shipment", "ship-shipment", "slip"):
        assert client.get(reverse(f"fulfillment:{name}", args=[shipment.number])).status_code == 404
