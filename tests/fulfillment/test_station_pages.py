"""The pages of the stations: pack, label, hand over, collect, as a packer does it."""

import pytest
from django.urls import reverse

from carriers.models import Label
from fulfillment.models import Parcel, Shipment
from tests.factories.fulfillment import own_van, person, picked, routed
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
    assert "0 to scan" in page and "Seal the parcel" in page
    sealed = packer.post(reverse("fulfillment:seal", args=[shipment.number]), {"weight_g": "", "box": ""})
    assert sealed.status_code == 302, sealed.content.decode()
    assert packer.get(reverse("fulfillment:slip", args=[shipment.number])).content.startswith(b"%PDF")
    assert shipment.number in packer.get(reverse("fulfillment:ship")).content.decode()

    page = packer.get(reverse("fulfillment:ship-shipment", args=[shipment.number])).content.decode()
    assert f'value="{van.pk}:standard" checked' in page and "keeps the promise" in page
    packer.post(reverse("fulfillment:ship-choose", args=[shipment.number]), {"offer": f"{van.pk}:standard"})
    shipment.refresh_from_db()
    assert (shipment.state, shipment.service_code) == ("labelled", "standard")
    page = packer.get(reverse("fulfillment:ship-shipment", args=[shipment.number])).content.decode()
    assert "Label PDF" in page and "every 2s" not in page
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


def test_an_offer_chosen_twice_buys_one_label_that_can_be_taken_back(packer, one, lead):
    van, shipment = own_van(), None
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
    assert answer.status_code == 200 and shipment.state == "handed_over", answer.content.decode()
