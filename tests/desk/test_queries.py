"""Every page asks the database as few questions about five thousand orders as about sixty."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fulfillment.models import Backorder, FulfillmentOrder, Shipment
from oms.accounts.models import User
from oms.common.checks import every_url
from oms.common.models import ExceptionCase
from orders.models import Customer, Order
from returns.models import Return
from tests.factories.world import filled

FEW, MANY, MOST_QUERIES = 60, 5000, 12
OUTSIDE = ("api/", "counts/", "login/", "logout/", "healthz", "place/")
PAGES = sorted(f"/{route}" for route, _ in every_url() if "<" not in route and not route.startswith(OUTSIDE))


def copies(row: models.Model, count: int, **facts: Callable[[int], Any]) -> list[Any]:
    """So many rows like this one, but for the named facts, which are told from the copy's number."""
    kept = [f.attname for f in row._meta.concrete_fields if not f.primary_key and not f.generated]
    alike = {name: getattr(row, name) for name in kept}
    rows = [type(row)(**alike | {name: fact(n) for name, fact in facts.items()}) for n in range(count)]
    return type(row)._default_manager.bulk_create(rows, batch_size=1000)


def multiply(count: int, mark: str) -> None:
    """Orders with a line, work, shipments and returns in every state there is, short ones and a case for each."""
    order = Order.objects.filter(lines__backorders__isnull=False).first()
    people = copies(Customer(name="Ada"), count, email=lambda n: f"{mark}{n}@example.org")
    told = dict.fromkeys(("number", "external_id", "tracking_token"), lambda n: f"{mark}{n}")
    sold = copies(order, count, **told, customer_id=lambda n: people[n].pk)
    lines = copies(order.lines.first(), count, order_id=lambda n: sold[n].pk)
    copies(Backorder.objects.first(), count, order_line_id=lambda n: lines[n].pk)
    copies(ExceptionCase.objects.first(), count, key=lambda n: f"{mark}{n}")
    for model in (FulfillmentOrder, Shipment, Return):
        states = model.objects.order_by("state").values_list("state", flat=True).distinct()
        for k, state in enumerate(list(states)):
            _in_state(model, state, max(FEW, count // len(states)), sold, f"{mark}{k}-")


def _in_state(model: type[models.Model], state: str, count: int, sold: list[Order], mark: str) -> None:
    row = model.objects.filter(state=state).order_by("pk").first()
    facts = {"number": lambda n: f"{mark}{n}", "order_id": lambda n: sold[n].pk}
    if model is FulfillmentOrder:
        facts["collect_code"] = lambda n: ""
    copies(row, count, **facts)


def asked(admin: Client) -> dict[str, int]:
    """How many questions each page asks that answers to a look."""
    seen = {}
    for page in PAGES:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = admin.get(page)
        if answer.status_code == 200:
            seen[page] = len(queries)
    return seen


@pytest.mark.django_db(transaction=True)
def test_a_page_asks_few_questions_and_no_more_when_there_is_much():
    filled()
    admin = Client()
    admin.force_login(User.objects.create_user("a@example.com", None, name="A", role="admin", all_locations=True))
    multiply(FEW, "F")
    few = asked(admin)
    multiply(MANY, "M")
    many = asked(admin)

    assert {page: (few[page], count) for page, count in many.items() if count != few[page]} == {}
    assert {page: count for page, count in many.items() if count >= MOST_QUERIES} == {}
    assert len(many) > 40
