"""T06: a worker dies while it speaks to a carrier. Whoever comes next ends it, and the carrier did it once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from carriers import labels, manifests
from carriers.models import Label, Manifest, Tracker
from oms.common.actors import SYSTEM
from tests.dying import dies
from tests.factories.carriers import label_request

pytestmark = pytest.mark.django_db(transaction=True)
ROOM = Path(__file__).resolve().parents[2] / "carriers"
TRIED = {"label.before_buy", "label.after_buy", "label.after_void", "manifest.after_close"}


def long_after() -> None:
    """The dead worker's lease has run out."""
    Label.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def sold(carrier) -> list[tuple[str, str, str]]:
    return [(row["reference"], row["number"], row["state"]) for row in carrier.books.told()["labels"]]


def ask(account) -> Label:
    return labels.request(label_request(), account=account, by=SYSTEM)


def test_every_crash_point_of_this_room_is_tried():
    points = {p for path in ROOM.rglob("*.py") for p in re.findall(r'crash_point\("([a-z_.]+)"', path.read_text())}
    assert points == TRIED


@pytest.mark.parametrize("point", ["label.before_buy", "label.after_buy"])
def test_a_label_is_bought_once_wherever_the_worker_dies(fake, carrier, point):
    assert dies(point, lambda: ask(fake))
    label = Label.objects.get()
    assert (label.state, label.asked_at is None, len(sold(carrier))) == ("requested", False, int("after" in point))
    assert labels.buy(label.pk).state == "requested"  # the dead one still has it

    long_after()
    assert labels.settle_waiting() == 1

    label.refresh_from_db()
    assert sold(carrier) == [(label.reference, label.tracking_number, "sold")]
    assert (label.state, Tracker.objects.count()) == ("bought", 1)
    assert carrier.books.told()["calls"]["buy"] == 1


def test_a_label_is_voided_once_when_the_worker_dies_after_it(fake, carrier):
    label = labels.buy(ask(fake).pk)
    assert dies("label.after_void", lambda: labels.void(label.pk, by=SYSTEM))
    label.refresh_from_db()
    assert (label.state, sold(carrier)[0][2]) == ("bought", "void")

    assert labels.take_back(label.pk).state == "voided"
    assert Tracker.objects.get().status == "cancelled"


def test_a_manifest_is_closed_once_when_the_worker_dies_after_it(fake, carrier):
    label = labels.buy(ask(fake).pk)
    manifest = manifests.add(fake, "BER", label, by=SYSTEM)
    assert dies("manifest.after_close", lambda: manifests.close(manifest, by=SYSTEM))
    assert Manifest.objects.get().state == "closing"

    manifest = manifests.tell_carrier(manifest.pk)

    theirs = carrier.books.told()["manifests"]
    assert [(one["reference"], one["numbers"]) for one in theirs] == [(manifest.number, [label.tracking_number])]
    assert (manifest.state, manifest.carrier_reference) == ("closed", theirs[0]["id"])
