"""The API under pressure: a caller that asks too often waits, one key makes one order, no body breaks it."""

import pytest

from oms.api import doors
from orders.models import Order
from tests.api.test_orders import Program, example, mug, program, shop, token_of  # noqa: F401
from tests.fulfillment.books import breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_asks_too_often_is_told_when_to_come_back(program, mug, monkeypatch):  # noqa: F811
    monkeypatch.setattr(doors, "LIMIT", 2)
    monkeypatch.setattr(doors, "WINDOW", 3600)

    answers = [program.get("orders") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"] == "too_many_requests"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
    assert Program(token_of("lead")).get("orders").status_code == 200


def test_one_key_makes_one_order_however_many_send_it_at_once(program, mug):  # noqa: F811
    def send():
        return program.post("orders", example(), **{"Idempotency-Key": "k-1"})

    answers = at_once(*[send] * 6)

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["number"] for answer in answers}) == Order.objects.count() == 1
    assert breaches() == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("[" * 100_000, "body"),
        ('{"channel": "web", "external_id": "' + "x" * 3_000_000 + '"}', "body"),
        ("nothing", "body"),
    ],
)
def test_a_body_that_can_not_be_read_is_refused(program, mug, body, field):  # noqa: F811
    answer = program.post("orders", body)

    assert (answer.status_code, field in answer.json()["fields"]) == (422, True)


@pytest.mark.parametrize("odd", ["\ud800", "a\x00b", "𝕬" * 300])
def test_odd_letters_break_nothing(program, mug, odd):  # noqa: F811
    answer = program.post("orders", example(note=odd))

    assert answer.status_code == 201
    again = program.post("orders", example(note=odd))
    assert (again.status_code, again.json()["number"]) == (200, answer.json()["number"])


def test_an_address_with_a_nul_is_refused(program, mug):  # noqa: F811
    assert program.get("orders", search="a\x00").status_code == 400
    assert program.get("orders/1%00").status_code == 400
    number = program.post("orders", example()).json()["number"]
    assert program.post(f"orders/{number}/cancel", {"reason": "a\x00"}).status_code == 422


def test_an_unknown_order_is_not_found_and_cancelling_twice_is_once(program, mug):  # noqa: F811
    assert program.get("orders/9999").status_code == 404
    assert program.post("orders/9999/cancel", {}).status_code == 404
    number = program.post("orders", example()).json()["number"]
    assert program.post(f"orders/{number}/cancel", {"reason": "customer"}).status_code == 200

    again = program.post(f"orders/{number}/cancel", {"reason": "customer"})

    assert (again.status_code, again.json()["state"]) == (200, "cancelled")
    assert Order.objects.get().events.filter(verb="order.cancelled").count() == 1
    assert breaches() == {}
