"""Many packers and many workers at once: one label a box, one purchase a label, one open manifest a place."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from carriers import labels, manifests, tracking
from carriers.labels import asking
from carriers.models import Label, Manifest, Tracker, TrackingEvent
from oms.common.actors import SYSTEM
from tests.carriers.test_tracking import STORY
from tests.factories.carriers import label_request

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def all_at_once(verb: Callable[[int], Any]) -> list[Any]:
    gate = Barrier(AT_ONCE)

    def run(n: int) -> Any:
        try:
            gate.wait()
            return verb(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_one_box_asked_for_by_many_is_one_label_bought_once(fake, carrier):
    found = all_at_once(lambda _: labels.request(label_request(), account=fake, by=SYSTEM).pk)

    assert len(set(found)) == 1
    assert Label.objects.get().state == "bought"  # each of them had a worker try
    assert carrier.books.told()["calls"]["buy"] == 1


def test_one_label_tried_by_many_workers_is_bought_once(fake, carrier, faulty):
    faulty("buy", "503_before")
    label = labels.request(label_request(), account=fake, by=SYSTEM)

    all_at_once(lambda _: labels.resolve(label.pk))

    label.refresh_from_db()
    assert (label.state, carrier.books.told()["calls"]["buy"]) == ("bought", 2)
    assert [row["number"] for row in carrier.books.told()["labels"]] == [label.tracking_number]


def test_parcels_put_on_at_once_gather_on_one_manifest(van):
    bought = [labels.request(label_request(f"SH-{n}/1"), account=van, by=SYSTEM) for n in range(AT_ONCE)]

    all_at_once(lambda n: manifests.add(van, "BER", bought[n], by=SYSTEM))

    assert Manifest.objects.get().labels.count() == AT_ONCE


def test_news_told_by_many_at_once_is_kept_once(van):
    tracker = tracking.watch(van, "VAN1")

    all_at_once(lambda n: tracking.record(tracker, STORY[n % 5 :] + STORY[: n % 5]))

    assert (Tracker.objects.get().status, TrackingEvent.objects.count()) == ("delivered", 5)


def test_a_void_and_a_purchase_in_the_same_moment_end_in_one_legal_way(fake, carrier):
    label = asking._new(label_request(), fake, fake.services.get(code="standard"), None, by=SYSTEM)
    label.save()

    all_at_once(lambda n: labels.void(label.pk, by=SYSTEM) if n % 2 else labels.buy(label.pk))
    labels.take_back(label.pk)

    label.refresh_from_db()
    sold = [row for row in carrier.books.told()["labels"] if row["state"] == "sold"]
    assert (label.state, sold) == ("voided", [])
