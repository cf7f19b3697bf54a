"""Counts on the first page are those of the lists behind them, and only of what this person may do."""

import pytest
from django.urls import reverse

from oms.common import cases
from oms.common.actors import SYSTEM
from oms.desk import home
from tests.factories.fulfillment import confirmed_order, packed, person, picked, routed
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db


def counts(user) -> dict[str, int]:
    return {row["label"]: row["value"] for _, rows in home.queues(user) for row in rows}


def test_home_asks_to_sign_in(client):
    response = client.get("/")
    assert response.status_code == 302
    assert "next=/" in response["Location"]


def test_each_queue_counts_what_waits(client, lead, berlin, mug):
    put(mug, berlin, 10)
    picked(routed({mug: 1})[1][0], by=lead)
    packed(routed({mug: 1})[1][0], by=lead)
    routed({mug: 1})
    cases.open_case("late", "order:1", title="Late", key="late:1", by=SYSTEM)
    found = counts(lead)
    assert (found["To release"], found["To pack"], found["To label"], found["To hand over"]) == (1, 1, 1, 0)
    assert (found["To ship"], found["On hold"], found["Late"], found["Need attention"]) == (3, 0, 0, 1)
    client.force_login(lead)
    page = client.get("/").content.decode()
    assert f'href="{reverse("orders:index")}?q=is%3Abackordered"' in page


def test_order_counts_are_those_of_the_lists(client, lead, berlin, mug):
    put(mug, berlin, 1)
    routed({mug: 1})
    confirmed_order({mug: 1})
    assert counts(lead)["To ship"] == 1
    client.force_login(lead)
    assert "1 of 1 orders" in client.get(reverse("orders:index"), {"q": "is:to-ship"}).content.decode()


def test_a_picker_sees_only_picking():
    assert set(counts(person("picker"))) == {"Lists to pick"}
    assert counts(person("")) == {}
