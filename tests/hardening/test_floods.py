"""T03, T12: the same message, order or refund many times at once is one."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from oms.api.orders import EXAMPLE
from orders.channels.generic import signature
from orders.models import Channel, InboundMessage, Order, OrderEvent
from returns.models import Refund
from tests.factories.fulfillment import person
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.returns import asked, delivered, inspected, policy
from tests.fulfillment.books import breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TIMES, HANDS = 300, 20


def test_one_webhook_three_hundred_times_is_one_order_and_one_mail():
    put(SkuFactory(code="MUG"), LocationFactory(code="BER"), 10)
    Channel.objects.create(code="shop", name="Shop", kind="generic", token="tok", credentials={"secret": "s3cret"})
    body = json.dumps(EXAMPLE).encode()
    headers = {"X-OMS-Signature": signature.sign(body, "s3cret"), "X-OMS-Event-Id": "e-1"}

    def send(_: int) -> int:
        try:
            return Client().post("/webhooks/tok/", body, content_type="application/json", headers=headers).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        answers = Counter(hands.map(send, range(TIMES)))

    assert answers == {202: TIMES}
    assert InboundMessage.objects.get().repeats == TIMES - 1
    order = Order.objects.get()
    assert OrderEvent.objects.filter(order=order, verb="order.received").count() == 1
    assert order.mails.filter(kind="confirmed").count() == 1
    assert breaches() == {}


def test_a_refund_asked_for_from_two_tabs_and_twice_in_each_is_one():
    lead, berlin, mug = person("lead"), LocationFactory(code="BER"), SkuFactory(code="MUG")
    policy()
    rma = inspected(asked(delivered({mug: 2}, at=berlin, by=lead), by=lead), by=lead)

    def presser(key: str) -> Callable[[], int]:
        client = Client()
        client.force_login(lead)
        return lambda: client.post(f"/returns/{rma.number}/refund/", {"idempotency_key": key}).status_code

    answers = at_once(*[presser(key) for key in ("tab-1", "tab-1", "tab-2", "tab-2")])

    assert len(answers) == 4
    assert set(answers) <= {302, 409, 422}
    assert [refund.amount for refund in Refund.objects.all()] == [rma.order.total]
    assert breaches() == {}
