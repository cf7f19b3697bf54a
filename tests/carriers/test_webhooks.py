"""News by webhook: signed, stored first, read once, in whatever order it comes."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from carriers import labels, messages, setup, tracking
from carriers.models import CarrierMessage, Tracker
from carriers.providers.fake.provider import signature
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from tests.factories.carriers import label_request

SECRET = "s3cret"


@pytest.fixture
def hooked(fake):
    fake.credentials = {**fake.credentials, "webhook_secret": SECRET}
    fake.save()
    return fake


@pytest.fixture
def sent(hooked):
    return labels.buy(labels.request(label_request(), account=hooked, by=SYSTEM).pk)


def body(number, code="HUB", event_id=7, at="2026-11-24T08:00:00+00:00") -> bytes:
    event = {"id": event_id, "code": code, "at": at, "text": "Sorted", "place": "Hub"}
    return json.dumps({"delivery": f"evt-{event_id}", "parcels": [{"number": number, "events": [event]}]}).encode()


def post(account, content: bytes, *, secret=SECRET, token=""):
    url = reverse("carriers:webhook", args=[token or account.webhook_token])
    headers = {"X-Fake-Signature": signature(secret, content)}
    return Client().post(url, content, content_type="application/json", headers=headers)


def test_signed_news_is_stored_and_moves_the_parcel(hooked, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert post(hooked, body(sent.tracking_number)).status_code == 202

    message = CarrierMessage.objects.get()
    assert (message.state, bytes(message.body)) == ("done", body(sent.tracking_number))
    assert Tracker.objects.get().status == "in_transit"


def test_the_same_delivery_again_is_counted_and_changes_nothing(hooked, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            assert post(hooked, body(sent.tracking_number)).status_code == 202

    assert CarrierMessage.objects.get().repeats == 2
    assert sent.tracker.events.count() == 1


def test_unsigned_unknown_and_oversized_are_refused_and_not_kept(hooked, sent):
    content = body(sent.tracking_number)
    assert post(hooked, content, secret="wrong").status_code == 401
    assert post(hooked, content, token="nobody").status_code == 404
    assert post(hooked, b"x" * 1_100_000).status_code == 413
    assert Client().get(reverse("carriers:webhook", args=[hooked.webhook_token])).status_code == 405
    assert CarrierMessage.objects.count() == 0


def test_an_account_without_a_secret_believes_nobody(fake):
    assert post(fake, body("FK1"), secret="").status_code == 401


def test_news_of_a_number_that_is_not_ours_is_let_go(hooked):
    post(hooked, body("FK99"))
    messages.read(CarrierMessage.objects.get().pk)

    assert CarrierMessage.objects.get().state == "done"
    assert Tracker.objects.count() == 0


def test_a_message_that_means_nothing_is_kept_and_comes_before_a_person(hooked):
    post(hooked, b'{"parcels": [{"number": 1}]}')
    message = CarrierMessage.objects.get()
    for _ in range(5):
        messages.read(message.pk)

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("failed", 5)
    assert ExceptionCase.objects.get().kind == "carrier_message"


def test_a_message_whose_hint_was_lost_is_found_by_the_sweep(hooked, sent):
    post(hooked, body(sent.tracking_number))
    CarrierMessage.objects.update(received_at="2026-01-01T00:00:00Z")

    assert messages.read_waiting() == 1
    assert Tracker.objects.get().status == "in_transit"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hooks", ["orderly", "twice", "shuffled", "unruly"])
def test_their_webhooks_sent_late_twice_and_out_of_order_end_as_their_books_say(
    fake, carrier, settings, live_server, hooks
):
    settings.BASE_URL = live_server.url
    setup.connect(fake, by=SYSTEM)
    fake.refresh_from_db()
    carrier.faults.set({"webhooks": hooks})
    bought = [labels.buy(labels.request(label_request(f"SH-{n}/1"), account=fake, by=SYSTEM).pk) for n in range(4)]
    carrier.desk.advance({"all": True, "steps": 4})
    carrier.news.flush()
    messages.read_waiting()
    for message in CarrierMessage.objects.filter(state="new"):
        messages.read(message.pk)
    if hooks == "unruly":  # some are never sent: the poll brings them
        tracking.poll(fake, list(Tracker.objects.all()))

    assert [tracker.status for tracker in Tracker.objects.all()] == ["delivered"] * len(bought)
    assert {row["last"] for row in carrier.books.told()["labels"]} == {"DEL"}
    assert all(tracker.events.count() >= 4 for tracker in Tracker.objects.all())
