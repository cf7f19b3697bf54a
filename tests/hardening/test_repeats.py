"""T13, T28: a call that is sent again is done once, and no form is taken that did not come from a page of ours."""

import json

import pytest
from django.test import Client

from inventory.models import StockMovement, Wish
from orders.models import Order, OrderEvent
from tests.api.test_orders import Program, example, mug, program, shop, token_of  # noqa: F401
from tests.fulfillment.books import breaches
from tests.test_access import SIGNED, everything, signed_in  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

# Every call of the API that changes something: its body, another body, and how many effects there are.
CALLS = {
    "/api/v1/orders": (example(external_id="A-9"), example(external_id="A-10"), Order.objects.count),
    "/api/v1/orders/{number}/cancel": (
        {"reason": "customer"},
        {"reason": "sent twice"},
        OrderEvent.objects.filter(verb__startswith="order.cancelled").count,
    ),
    "/api/v1/stock/adjustments": (
        {"sku": "MUG", "location": "BER", "delta": 3, "reason": "found"},
        {"sku": "MUG", "location": "BER", "delta": 4, "reason": "found"},
        StockMovement.objects.filter(reference="API").count,
    ),
    "/api/v1/stock/wishes": (
        {"sku": "MUG", "channel": "web", "external_id": "W-1"},
        {"sku": "MUG", "channel": "web", "external_id": "W-2"},
        Wish.objects.exclude(holder="web:W-0").count,
    ),
    "/api/v1/stock/wishes/{wish}/give-up": (
        {},
        {"why": "sent twice"},
        Wish.objects.filter(state="dropped").count,
    ),
}


@pytest.fixture
def order(program, mug):  # noqa: F811
    return program.post("orders", example()).json()["number"]


@pytest.mark.parametrize("call", CALLS)
def test_a_key_sent_again_is_the_same_call(program, order, call):  # noqa: F811
    body, other, effects = CALLS[call]
    path = call.removeprefix("/api/v1/").replace("{number}", order)
    if "{wish}" in path:
        asked = program.post("stock/wishes", {"sku": "MUG", "channel": "web", "external_id": "W-0"}).json()
        path = path.replace("{wish}", str(asked["id"]))
    before = effects()

    answers = [program.post(path, body, **{"Idempotency-Key": "k-9"}) for _ in range(3)]

    assert {answer.status_code for answer in answers} <= {200, 201}
    assert [answer.json() for answer in answers[1:]] == [answers[0].json()] * 2
    assert effects() == before + 1
    assert program.post(path, other, **{"Idempotency-Key": "k-9"}).status_code == 409
    assert program.post(path, body, **{"Idempotency-Key": "x" * 300}).status_code == 422
    assert effects() == before + 1
    assert breaches() == {}


def test_no_call_that_changes_something_is_left_out(client):
    paths = json.loads(client.get("/api/v1/openapi.json").content)["paths"]

    assert {path for path, ways in paths.items() if set(ways) - {"get"}} == set(CALLS)


def test_a_form_that_is_not_from_our_page_is_refused_everywhere(signed_in):  # noqa: F811
    inside = signed_in("admin")
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = inside.cookies
    open_doors = {}
    for address, pattern, access in everything():
        if access.kind == "api" or pattern.name in SIGNED:
            continue
        for headers in ({}, {"Origin": "https://evil.example"}):
            status = client.post(address, {"a": "b"}, headers=headers).status_code
            if status != 403:
                open_doors[address] = status

    assert open_doors == {}
