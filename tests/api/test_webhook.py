"""Signed messages of a channel: stored once, read by a worker, never lost when they can't be used."""

import json

import pytest
from django.test import Client

from oms.api.orders import EXAMPLE
from oms.common.models import ExceptionCase
from orders.channels.generic import signature
from orders.models import Channel, InboundMessage, Order
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "a long secret"


@pytest.fixture(autouse=True)
def shop():
    put(SkuFactory(code="MUG"), LocationFactory(code="BER"), 10)
    credentials = {"secret": SECRET, "previous_secret": "the one before"}
    return Channel.objects.create(code="shop", name="Shop", kind="generic", token="tok", credentials=credentials)


def send(body: bytes, *, secret: str = SECRET, token: str = "tok", **headers):
    headers = {"X-OMS-Signature": signature.sign(body, secret), **headers}
    return Client().post(f"/webhooks/{token}/", body, content_type="application/json", headers=headers)


ORDER = json.dumps(EXAMPLE).encode()


def test_a_signed_order_is_stored_read_and_taken_in():
    assert send(ORDER).status_code == 202

    message = InboundMessage.objects.get()
    assert (message.state, message.order.external_id, bytes(message.body)) == ("processed", "A-1001", ORDER)
    assert Order.objects.get().events.first().actor_label == "Shop"
    assert breaches() == {}


def test_the_same_message_again_is_counted_and_makes_no_second_order():
    for _ in range(3):
        assert send(ORDER, **{"X-OMS-Event-Id": "e-1"}).status_code == 202

    assert InboundMessage.objects.get().repeats == 2
    assert Order.objects.count() == 1


def test_another_body_under_the_same_event_id_is_another_message():
    other = json.dumps({**EXAMPLE, "external_id": "A-1002"}).encode()
    for body in (ORDER, other, other):
        assert send(body, **{"X-OMS-Event-Id": "e-1"}).status_code == 202

    told = InboundMessage.objects.order_by("pk").values_list("order__external_id", "repeats")
    assert list(told) == [("A-1001", 0), ("A-1002", 1)]


def test_the_same_order_under_another_event_is_the_same_order():
    send(ORDER, **{"X-OMS-Event-Id": "e-1"})
    send(ORDER, **{"X-OMS-Event-Id": "e-2"})

    outcomes = InboundMessage.objects.order_by("pk").values_list("outcome", flat=True)
    number = Order.objects.get().number
    assert list(outcomes) == [f"Order {number}", f"Order {number}, which was here already"]


def test_a_secret_that_is_being_replaced_still_counts():
    assert send(ORDER, secret="the one before").status_code == 202


@pytest.mark.parametrize("secret", ["wrong", "a long secret "])
def test_an_unsigned_message_is_not_stored(secret):
    assert send(ORDER, secret=secret).status_code == 401
    assert Client().post("/webhooks/tok/", ORDER, content_type="application/json").status_code == 401
    assert InboundMessage.objects.count() == 0


def test_a_wrong_signature_comes_before_a_person_until_a_right_one_comes():
    for _ in range(3):
        send(ORDER, secret="wrong")

    assert ExceptionCase.objects.unresolved().get().key == f"inbound.unsigned:{Channel.objects.get().pk}"

    send(ORDER)
    assert not ExceptionCase.objects.unresolved().exists()


def test_a_changed_body_does_not_fit_its_signature():
    headers = {"X-OMS-Signature": signature.sign(ORDER, SECRET)}
    answer = Client().post("/webhooks/tok/", ORDER + b" ", content_type="application/json", headers=headers)

    assert answer.status_code == 401


def test_an_unknown_address_is_not_found():
    assert send(ORDER, token="other").status_code == 404
    assert Client().get("/webhooks/tok/").status_code == 405


def test_what_can_not_be_read_is_kept_and_put_before_a_person_until_it_can():
    broken = json.dumps({**EXAMPLE, "currency": "EURO"}).encode()
    assert send(broken).status_code == 202

    message = InboundMessage.objects.get()
    assert (message.state, message.outcome) == ("refused", "currency: Three letters, such as EUR.")
    assert ExceptionCase.objects.unresolved().get().key == f"inbound:{message.pk}"
    assert breaches() == {}


def test_the_signature_is_what_openssl_says():
    """printf '{}' | openssl dgst -sha256 -hmac secret -binary | base64"""
    assert signature.sign(b"{}", "secret") == "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM="
