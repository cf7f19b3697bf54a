"""The rules of this room hold after a day of work, and notice when they are broken behind the verbs' backs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from carriers import labels, manifests, tracking
from carriers.models import Label, Tracker
from oms.common import invariants
from oms.common.actors import SYSTEM
from tests.factories.carriers import label_request

pytestmark = pytest.mark.django_db


def breaches() -> dict[str, int]:
    found = [v for v in invariants.check() if v.count]
    return {verdict.rule.text: verdict.count for verdict in found}


@pytest.fixture
def day(fake, carrier, faulty) -> Label:
    for n in range(3):
        label = labels.buy(labels.request(label_request(f"SH-{n}/1"), account=fake, by=SYSTEM).pk)
        manifest = manifests.add(fake, "BER", label, by=SYSTEM)
    manifests.close(manifest, by=SYSTEM)
    manifests.tell_carrier(manifest.pk)
    faulty("buy", "refuse")
    labels.buy(labels.request(label_request("SH-9/1"), account=fake, by=SYSTEM).pk)
    carrier.desk.advance({"steps": 4})
    tracking.poll(fake, list(Tracker.objects.all()))
    return label


def test_a_day_of_work_breaks_nothing(day, carrier):
    assert breaches() == {}
    ours = sorted(Label.objects.filter(state="bought").values_list("reference", "tracking_number"))
    assert ours == sorted((row["reference"], row["number"]) for row in carrier.books.told()["labels"])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"pdf": b""}, "A bought label has its paper, its price and its tracker"),
        ({"tracker": None}, "A bought label has its paper, its price and its tracker"),
        (
            {"lease_until": timezone.now() + timedelta(hours=1)},
            "No label is leased further ahead than a lease is long",
        ),
    ],
)
def test_a_label_changed_behind_our_backs_is_noticed(day, change, rule):
    Label.objects.filter(pk=day.pk).update(**change)

    assert breaches() == {rule: 1}


def test_a_label_that_everybody_forgot_is_noticed(fake):
    label = labels.request(label_request(), account=fake, by=SYSTEM)
    Label.objects.filter(pk=label.pk).update(created_at=timezone.now() - timedelta(hours=1))

    assert breaches() == {"No label that is asked for has been left alone for ten minutes after its turn": 1}


def test_a_tracker_that_was_moved_back_is_noticed(day):
    Tracker.objects.filter(pk=day.tracker_id).update(status="in_transit")

    assert breaches() == {"Every tracker says what its news says": 1}


def test_the_database_itself_refuses_a_second_wanted_label(day):
    with pytest.raises(Exception, match="one_live_label_a_parcel"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE carriers_label SET parcel_reference = 'SH-0/1' WHERE parcel_reference = 'SH-1/1'",
        )
