"""The order API as a program sees it: every answer of the contract, exactly once, every wrong field named."""

import copy

import pytest
from django.test import Client

from oms.accounts import tokens
from oms.accounts.models import User
from oms.accounts.roles import ALL
from oms.api.orders import EXAMPLE
from orders.models import Channel, Order, OrderEvent
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment.books import breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class Program:
    """A caller with a token."""

    def __init__(self, secret: str) -> None:
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query):
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body, **headers):
        return self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers={**self.headers, **headers}
        )


def token_of(role: str, scopes=ALL) -> str:
    user = User.objects.create_user(f"{role}@example.com", name=role.title(), role=role, all_locations=True)
    return tokens.issue(user, "tests", scopes=scopes)[1]


@pytest.fixture
def shop():
    return Channel.objects.create(code="web", name="Web shop", kind="api", token="web-token")


@pytest.fixture
def mug(shop):
    sku = SkuFactory(code="MUG", name="Mug")
    put(sku, LocationFactory(code="BER"), 10)
    return sku


@pytest.fixture
def program():
    return Program(token_of("admin"))


def example(**changes):
    return copy.deepcopy(EXAMPLE) | changes


def test_an_order_is_taken_verified_and_routed(program, mug):
    answer = program.post("orders", example())

    assert answer.status_code == 201
    order = program.get(f"orders/{answer.json()['number']}").json()
    assert {name: order[name] for name in order if name.endswith("state")} == {
        "state": "confirmed",
        "hold_state": "none",
        "payment_state": "paid",
        "fulfillment_state": "allocated",
        "return_state": "none",
    }
    assert (order["total"], order["lines"][0]["allocated"]) == ("54.90", 2)
    assert [work["location"] for work in order["fulfillment_orders"]] == ["BER"]
    assert [event["seq"] for event in order["events"]] == list(range(1, len(order["events"]) + 1))
    assert breaches() == {}


def test_the_same_order_again_is_the_same_order(program, mug):
    first, second = program.post("orders", example()), program.post("orders", example())

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["number"] == second.json()["number"]
    assert Order.objects.count() == 1


def test_the_same_number_with_another_body_is_a_conflict(program, mug):
    program.post("orders", example())

    answer = program.post("orders", example(shipping="5.00"))

    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert Order.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(program, mug):
    headers = {"Idempotency-Key": "k-1"}
    assert program.post("orders", example(), **headers).status_code == 201
    assert program.post("orders", example(), **headers).status_code == 200

    assert program.post("orders", example(external_id="A-2"), **headers).status_code == 409
    assert Order.objects.count() == 1


def test_many_callers_with_one_order_make_one(program, mug):
    answers = at_once(*[lambda: program.post("orders", example()).status_code] * 8)

    assert sorted(answers) == [200] * 7 + [201]
    assert Order.objects.count() == 1
    assert OrderEvent.objects.filter(verb="order.received").count() == 1
    assert breaches() == {}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"channel": "nowhere"}, {"channel"}),
        ({"external_id": ""}, {"external_id"}),
        ({"placed_at": "yesterday"}, {"placed_at"}),
        ({"currency": "EURO"}, {"currency"}),
        ({"lines": []}, {"lines"}),
        ({"method": "fly"}, {"method"}),
        ({"shipping": "-1"}, {"shipping"}),
        ({"shipping": "1.001"}, {"shipping"}),
        ({"customer": {"email": "ada"}}, {"customer.email"}),
        ({"lines": [{"sku": "MUG", "quantity": 0, "unit_price": "x"}]}, {"lines.0.quantity", "lines.0.unit_price"}),
        ({"lines": [{"quantity": 1.5, "unit_price": "1"}]}, {"lines.0.sku", "lines.0.quantity"}),
        ({"payment": {"state": "maybe"}}, {"payment.state", "payment.amount"}),
        ({"shipping_address": {"name": "Ada"}}, {"shipping_address.country"}),
    ],
)
def test_every_wrong_field_is_named(program, mug, changes, fields):
    answer = program.post("orders", example(**changes))

    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == fields
    assert Order.objects.count() == 0


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null"])
def test_a_body_that_is_no_object_is_refused(program, mug, body):
    answer = program.post("orders", body)

    assert (answer.status_code, "body" in answer.json()["fields"] or "channel" in answer.json()["fields"]) == (
        422,
        True,
    )


def test_an_unknown_sku_is_taken_in_and_held(program, mug):
    lines = [{"sku": "CUP", "quantity": 1, "unit_price": "50.00"}]

    order = program.post("orders", example(lines=lines)).json()
    order = program.get(f"orders/{order['number']}").json()

    assert (order["state"], order["hold_state"]) == ("received", "held")
    assert order["holds"][0]["problems"][0]["message"] == "“CUP” is not in the catalogue."


def test_orders_are_listed_searched_and_paged(program, mug):
    for number in range(3):
        program.post("orders", example(external_id=f"A-{number}"))

    first = program.get("orders", limit=2).json()
    second = program.get("orders", limit=2, cursor=first["next"]).json()
    assert [row["external_id"] for row in first["items"] + second["items"]] == ["A-2", "A-1", "A-0"]
    assert second["next"] is None
    assert [row["external_id"] for row in program.get("orders", search="a-1 winter").json()["items"]] == ["A-1"]
    assert program.get("orders", state="gone").status_code == 422
    assert program.get("orders", cursor="x").status_code == 422


def test_an_order_is_cancelled_in_part_and_whole(program, mug):
    number = program.post("orders", example()).json()["number"]

    part = program.post(f"orders/{number}/cancel", {"reason": "customer", "lines": [{"sku": "MUG", "quantity": 1}]})
    assert (part.status_code, part.json()["lines"][0]["cancelled"]) == (200, 1)
    assert program.post(f"orders/{number}/cancel", {"lines": [{"sku": "MUG", "quantity": 9}]}).status_code == 422

    assert program.post(f"orders/{number}/cancel", {}).json()["state"] == "cancelled"
    assert program.get("stock/MUG").json()["available"] == 10
    assert breaches() == {}


def test_stock_is_told_and_corrected(program, mug):
    said = {"sku": "mug", "location": "ber", "bin": "A-01", "delta": -3, "reason": "lost"}

    assert program.post("stock/adjustments", said).json()["available"] == 7
    assert program.get("stock").json() == {"items": [{"sku": "MUG", "name": "Mug", "available": 7}], "next": None}
    assert program.get("stock/MUG").json()["locations"] == [
        {"location": "BER", "on_hand": 7, "allocated": 0, "reserved": 0, "damaged": 0, "safety": 0, "available": 7}
    ]
    refused = program.post("stock/adjustments", said | {"delta": -8})
    assert (refused.status_code, refused.json()["detail"]) == (409, "A-01 holds 7, not 8.")
    assert program.post("stock/adjustments", said | {"sku": "CUP"}).json()["fields"] == {"sku": "There is no SKU CUP."}


def test_doors(mug):
    assert Client().get("/api/v1/orders").status_code == 401
    assert Program("oms_wrong").get("orders").status_code == 401
    picker = Program(token_of("picker"))
    assert picker.get("orders").status_code == 403
    assert picker.get("stock").status_code == 200
    narrow = Program(token_of("lead", scopes=["orders.view"]))
    assert narrow.post("orders", example()).status_code == 403
    assert narrow.get("orders/9999").status_code == 404
    assert narrow.get("shipments/SH-1").status_code == 403


def test_the_document_describes_what_may_be_sent():
    document = Client().get("/api/v1/openapi.json").json()

    body = document["paths"]["/api/v1/orders"]["post"]["requestBody"]["content"]["application/json"]
    assert body["example"]["external_id"] == "A-1001"
    assert body["schema"]["properties"]["lines"]["items"]["required"] == ["sku", "quantity", "unit_price"]
