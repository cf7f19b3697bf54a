"""The pages of carriers: each opens by role, each button does what it says, secrets stay secret."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from carriers import labels, manifests, tracking
from carriers.models import CarrierAccount, Label, Manifest, Rate, RateTable, Surcharge, Zone
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from oms.common.models import ConfigChange
from tests.factories.carriers import label_request


def sign_in(client, role):
    user = User.objects.create_user(f"{role}@example.com", "x", name=role.title(), role=role, all_locations=True)
    client.force_login(user)
    return client


@pytest.fixture
def admin(client, db):
    return sign_in(client, "admin")


@pytest.fixture
def label(van) -> Label:
    bought = labels.buy(labels.request(label_request(), account=van, by=SYSTEM).pk)
    manifests.add(van, "BER", bought, by=SYSTEM)
    bought.refresh_from_db()
    return bought


def pages(account, label) -> dict[str, str]:
    service = account.services.get()
    return {
        "index": reverse("carriers:index"),
        "new": reverse("carriers:new"),
        "new manual": reverse("carriers:new") + "?provider=manual",
        "try": reverse("carriers:try"),
        "try asked": reverse("carriers:try") + "?weight_kg=1&length_cm=30&width_cm=20&height_cm=10&value=50"
        "&from_country=DE&from_postcode=10115&to_country=DE&to_postcode=20354",
        "labels": reverse("carriers:labels"),
        "label": reverse("carriers:label", args=[label.pk]),
        "pdf": reverse("carriers:label-paper", args=[label.pk, "pdf"]),
        "zpl": reverse("carriers:label-paper", args=[label.pk, "zpl"]),
        "account": reverse("carriers:show", args=[account.pk]),
        "edit": reverse("carriers:edit", args=[account.pk]),
        "service new": reverse("carriers:service-new", args=[account.pk]),
        "service": reverse("carriers:service", args=[account.pk, service.pk]),
        "rates": reverse("carriers:rates", args=[account.pk]),
        "csv": reverse("carriers:rates-csv", args=[account.pk, service.pk]),
        "zone new": reverse("carriers:zone-new", args=[account.pk]),
        "zone": reverse("carriers:zone", args=[account.pk, account.zones.get().pk]),
        "surcharge new": reverse("carriers:surcharge-new", args=[account.pk]),
        "manifests": reverse("carriers:manifests"),
        "manifest": reverse("carriers:manifest", args=[label.manifest.number]),
        "tracking": reverse("carriers:tracking"),
        "tracker": reverse("carriers:tracker", args=[label.tracker_id]),
    }


MANAGED = {"new", "new manual", "edit", "service new", "service", "zone new", "zone", "surcharge new"}
FLOOR = {"manifests", "manifest", "tracking", "tracker"}


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        ("admin", set()),
        ("packer", MANAGED),
        ("agent", MANAGED),
        ("auditor", MANAGED),
        ("lead", MANAGED),
        ("returns", None),
        ("picker", None),
    ],
)
def test_every_page_opens_for_those_who_may(client, van, label, role, closed):
    sign_in(client, role)
    user = User.objects.get()
    for name, url in pages(van, label).items():
        may = user.can("carriers.manage") if name in MANAGED else user.can("carriers.view")
        may = may or (name in FLOOR and user.can("fulfillment.ship"))
        may = may or (name in ("pdf", "zpl") and (user.can("fulfillment.pack") or user.can("returns.receive")))
        assert client.get(url).status_code == (200 if may else 403), (role, name)
        if closed is not None:
            assert may == (name not in closed), (role, name)


def test_pages_open_empty(admin):
    for name in ("index", "labels", "manifests", "tracking", "try"):
        assert admin.get(reverse(f"carriers:{name}")).status_code == 200, name


def test_a_secret_is_stored_and_never_shown_and_masked_in_the_trace(admin):
    said = {"name": "Fake", "currency": "eur", "dim_divisor": 5000, "label_format": "pdf_4x6", "active": "on"}
    admin.post("/carriers/new/?provider=fake", {**said, "with_api_key": "hush-hush", "with_base_url": ""})
    account = CarrierAccount.objects.get()
    assert (account.credentials["api_key"], account.currency) == ("hush-hush", "EUR")

    page = admin.get(reverse("carriers:edit", args=[account.pk])).content.decode()
    assert "hush" not in page
    admin.post(reverse("carriers:edit", args=[account.pk]), {**said, "name": "Fake 2", "with_api_key": ""})

    account.refresh_from_db()
    assert (account.name, account.credentials["api_key"]) == ("Fake 2", "hush-hush")
    traces = [str(row.before) + str(row.after) for row in ConfigChange.objects.all()]
    assert len(traces) == 2
    assert not any("hush" in trace for trace in traces)


def test_test_connection_takes_in_services_and_tells_our_address(admin, fake, carrier):
    fake.services.all().delete()
    admin.post(reverse("carriers:connect", args=[fake.pk]))

    fake.refresh_from_db()
    assert (fake.health, sorted(fake.services.values_list("code", "active"))) == (
        "ok",
        [("economy", False), ("express", False), ("standard", False)],
    )
    assert carrier.books.told()["webhooks"] == [f"http://127.0.0.1:8000/carrier-webhooks/{fake.webhook_token}/"]


def test_a_wrong_key_is_said_and_shown_as_health(admin, fake, carrier):
    carrier.key = "another"
    page = admin.post(reverse("carriers:connect", args=[fake.pk]), follow=True).content.decode()

    fake.refresh_from_db()
    assert fake.health == "needs_sign_in"
    assert "does not accept the key" in page


def test_a_service_is_switched_off_and_leaves_the_offers(admin, van):
    service = van.services.get()
    admin.post(reverse("carriers:service-switch", args=[van.pk, service.pk]))

    service.refresh_from_db()
    assert not service.active


def test_a_rate_table_is_typed_in_and_kept_by_day(admin, van):
    service, zone = van.services.get(), van.zones.get()
    said = {"valid_from": "2026-12-01", "up_to_0": "2", f"price_0_{zone.pk}": "5.10", "up_to_1": "5"}
    admin.post(reverse("carriers:rates-save", args=[van.pk, service.pk]), {**said, f"price_1_{zone.pk}": "6.00"})

    newer = RateTable.objects.get(valid_from=date(2026, 12, 1))
    assert sorted(newer.rates.values_list("max_weight_g", "price")) == [(2000, Decimal("5.1")), (5000, Decimal("6"))]
    assert RateTable.objects.count() == 2
    page = admin.get(reverse("carriers:rates", args=[van.pk]) + f"?service={service.pk}&from=2026-12-01")
    assert 'value="5.10"' in page.content.decode()


def test_a_price_without_weight_is_pointed_at(admin, van):
    service, zone = van.services.get(), van.zones.get()
    said = {"valid_from": "2026-12-01", f"price_0_{zone.pk}": "5.10"}
    response = admin.post(reverse("carriers:rates-save", args=[van.pk, service.pk]), said)

    assert response.status_code == 422
    assert "Row 1 has prices and no weight." in response.content.decode()
    assert Rate.objects.count() == 2


def test_the_csv_that_comes_out_goes_in_again(admin, van):
    service = van.services.get()
    out = admin.get(reverse("carriers:rates-csv", args=[van.pk, service.pk]))
    text = b"".join(out.streaming_content)
    file = io.BytesIO(text)
    file.name = "rates.csv"
    url = reverse("carriers:rates-upload", args=[van.pk, service.pk])
    assert admin.post(url, {"valid_from": "2027-01-01", "file": file}).status_code == 302

    old, new = RateTable.objects.order_by("valid_from")
    assert list(old.rates.values_list("zone", "max_weight_g", "price").order_by("pk")) == list(
        new.rates.values_list("zone", "max_weight_g", "price").order_by("pk")
    )


def test_a_csv_that_makes_no_sense_says_where(admin, van):
    file = io.BytesIO(b"kg;Germany\n2;4,90\nx;1\n2;5\n")
    file.name = "rates.csv"
    url = reverse("carriers:rates-upload", args=[van.pk, van.services.get().pk])
    response = admin.post(url, {"valid_from": "2027-01-01", "file": file})

    assert response.status_code == 422
    assert response.context["file"].errors["file"] == [
        "Line 3: only numbers, please.",
        "Line 4: the weight is missing, stands there twice, or can't be.",
    ]


def test_zones_and_surcharges_are_added_and_a_priced_zone_stays(admin, van):
    zones = reverse("carriers:zone-new", args=[van.pk])
    admin.post(zones, {"name": "Alps", "countries": "at, ch", "postal_prefixes": "6"})
    admin.post(
        reverse("carriers:surcharge-new", args=[van.pk]),
        {"name": "Fuel", "kind": "fuel", "basis": "rate", "amount": "8", "active": "on"},
    )
    assert (Zone.objects.get(name="Alps").countries, Surcharge.objects.get().amount) == (["AT", "CH"], Decimal("8"))

    germany = van.zones.get(name="Germany")
    admin.post(reverse("carriers:zone-remove", args=[van.pk, germany.pk]))
    assert van.zones.filter(name="Germany").exists()


def test_printing_is_counted(admin, label):
    url = reverse("carriers:label-paper", args=[label.pk, "pdf"])
    for _ in range(2):
        assert admin.get(url).content[:5] == b"%PDF-"

    label.refresh_from_db()
    assert label.printed == 2


def test_a_manifest_is_closed_once_and_printed(admin, label, django_capture_on_commit_callbacks):
    url = reverse("carriers:manifest", args=[label.manifest.number])
    admin.post(url + "close/")
    manifests.tell_carrier(label.manifest_id)

    assert Manifest.objects.get().state == "closed"
    assert admin.get(url + "pdf/").content[:5] == b"%PDF-"
    assert admin.post(reverse("carriers:label-void", args=[label.pk]), follow=True).status_code == 200
    label.refresh_from_db()
    assert label.void_asked_at is None


def test_a_person_notes_that_a_parcel_arrived(admin, label):
    url = reverse("carriers:tracker-news", args=[label.tracker_id])
    admin.post(url, {"status": "delivered", "at": "2026-11-24T08:00", "signed_by": "Neighbour"})

    label.tracker.refresh_from_db()
    assert (label.tracker.status, label.tracker.signed_by) == ("delivered", "Neighbour")
    assert "Neighbour" in admin.get(label.tracker.get_absolute_url()).content.decode()


def test_the_board_sorts_parcels_by_their_trouble(admin, label):
    tracking.watch(label.account, "OTHER1")
    listing = admin.get("/tracking/", {"q": "is:late"}).context["listing"]
    everything = admin.get("/tracking/", {"q": "ot"}).context["listing"]

    assert ([row.object.pk for row in listing.rows], len(list(everything.rows))) == ([], 1)
