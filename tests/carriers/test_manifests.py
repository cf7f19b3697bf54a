"""The list for the driver: one open a place, frozen once, the same in the carrier's books."""

from decimal import Decimal

import pytest

from carriers import labels, manifests
from carriers.models import Label, Manifest
from carriers.providers.base import CarrierError
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.models import ExceptionCase, OutboxMessage
from tests.factories.carriers import label_request

pytestmark = pytest.mark.django_db


def bought(account, reference="SH-1/1") -> Label:
    return labels.buy(labels.request(label_request(reference), account=account, by=SYSTEM).pk)


def test_parcels_of_one_place_gather_on_one_manifest(fake):
    first, second = bought(fake), bought(fake, "SH-2/1")
    one = manifests.add(fake, "BER", first, by=SYSTEM)

    assert manifests.add(fake, "BER", second, by=SYSTEM) == one
    assert manifests.add(fake, "BER", first, by=SYSTEM) == one
    assert manifests.open_for(fake, "HAM") != one
    assert one.labels.count() == 2


def test_a_closed_manifest_is_the_same_in_both_books_and_the_next_begins_anew(fake, carrier):
    label = bought(fake)
    manifest = manifests.add(fake, "BER", label, by=SYSTEM)
    manifests.close(manifest, by=SYSTEM)
    manifests.close(manifest, by=SYSTEM)
    manifest = manifests.tell_carrier(manifest.pk)

    [theirs] = carrier.books.told()["manifests"]
    assert (theirs["id"], theirs["numbers"]) == (manifest.carrier_reference, [label.tracking_number])
    assert bytes(manifest.pdf)[:5] == b"%PDF-"
    assert OutboxMessage.objects.filter(topic="carrier.manifest").count() == 1
    assert manifests.add(fake, "BER", bought(fake, "SH-2/1"), by=SYSTEM) != manifest


def test_a_parcel_the_carrier_refuses_stays_behind_and_the_others_go(fake, carrier):
    good, bad = bought(fake), bought(fake, "SH-2/1")
    manifest = manifests.add(fake, "BER", good, by=SYSTEM)
    manifests.add(fake, "BER", bad, by=SYSTEM)
    carrier.desk.void(bad.carrier_label_id)
    manifests.close(manifest, by=SYSTEM)
    manifest = manifests.tell_carrier(manifest.pk)

    bad.refresh_from_db()
    assert (manifest.state, [label.pk for label in manifest.labels.all()]) == ("closed", [good.pk])
    assert (bad.manifest, bad.problem) == (None, f"Left off {manifest}: the label is void")
    assert ExceptionCase.objects.get().kind == "manifest_refused"


def test_a_carrier_in_trouble_is_asked_again_and_a_refusal_opens_the_list(fake, faulty):
    manifest = manifests.add(fake, "BER", bought(fake), by=SYSTEM)
    manifests.close(manifest, by=SYSTEM)
    faulty("manifest", "503_before")
    with pytest.raises(CarrierError):
        manifests.tell_carrier(manifest.pk)
    manifest.refresh_from_db()
    assert (manifest.state, manifest.problem) == ("closing", "The carrier is in trouble (503).")

    faulty("manifest", "refuse")
    assert manifests.tell_carrier(manifest.pk).state == "open"
    assert ExceptionCase.objects.get().kind == "manifest_failed"
    manifests.close(manifest, by=SYSTEM)
    assert manifests.tell_carrier(manifest.pk).state == "closed"
    assert ExceptionCase.objects.get().state == "resolved"


def test_an_empty_manifest_is_not_closed_and_a_closed_one_keeps_its_parcels(fake):
    with pytest.raises(Refused, match="is empty"):
        manifests.close(manifests.open_for(fake, "BER"), by=SYSTEM)

    label = bought(fake)
    manifest = manifests.add(fake, "BER", label, by=SYSTEM)
    manifests.remove(label, by=SYSTEM)
    manifests.add(fake, "BER", label, by=SYSTEM)
    manifests.close(manifest, by=SYSTEM)
    with pytest.raises(Refused):
        manifests.remove(label, by=SYSTEM)
    with pytest.raises(Refused, match="which is closed"):
        labels.void(label.pk, by=SYSTEM)


def test_only_bought_labels_are_put_on_and_void_ones_come_off(fake):
    asked = labels.request(label_request("SH-9/1"), account=fake, by=SYSTEM)
    with pytest.raises(Refused, match="not a bought label"):
        manifests.add(fake, "BER", asked, by=SYSTEM)

    label = bought(fake)
    manifest = manifests.add(fake, "BER", label, by=SYSTEM)
    labels.void(label.pk, by=SYSTEM)
    assert manifest.labels.count() == 0


def test_without_a_manifest_service_our_own_list_is_printed(van):
    manifest = manifests.add(van, "BER", bought(van), by=SYSTEM)
    manifests.close(manifest, by=SYSTEM)
    manifest = manifests.tell_carrier(manifest.pk)

    assert (manifest.state, bytes(manifest.pdf)[:5]) == ("closed", b"%PDF-")
    assert Manifest.objects.get().labels.get().cost == Decimal("4.9")
