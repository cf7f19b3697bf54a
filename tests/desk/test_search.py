"""One box: a number leads to its page, anything else to what it was found in, and nothing to who may not see it."""

import pytest
from django.urls import reverse

from orders import searching
from tests.factories.fulfillment import confirmed_order, person, released, routed
from tests.factories.inventory import SkuFactory, put

pytestmark = pytest.mark.django_db


def test_exact_numbers_jump(client, lead, berlin, mug):
    put(mug, berlin, 5)
    order, (work,) = routed({mug: 1})
    client.force_login(lead)
    for text in (order.number, order.external_id.lower(), f"#{order.number}"):
        response = client.get("/search/", {"q": text})
        assert (response.status_code, response["Location"]) == (302, order.get_absolute_url()), text
    assert client.get("/search/", {"q": work.number}).status_code == 302
    assert client.get("/search/", {"q": "mug"})["Location"] == reverse("inventory:sku", args=["MUG"])


def test_words_are_found_in_groups_and_the_palette_gets_the_part(client, lead, mug):
    order = confirmed_order({mug: 1})
    client.force_login(lead)
    page = client.get("/search/", {"q": "winter"})
    assert page.status_code == 200
    assert order.get_absolute_url() in page.content.decode()
    part = client.get("/search/", {"q": "winter"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert order.get_absolute_url() in part


def test_a_picker_finds_no_orders(client, mug):
    order = confirmed_order({mug: 1})
    client.force_login(person("picker"))
    response = client.get("/search/", {"q": order.number})
    assert response.status_code == 200
    assert order.get_absolute_url() not in response.content.decode()


def test_a_wave_and_a_walk_are_found_by_their_numbers(client, lead, berlin, mug):
    put(mug, berlin, 1)
    _, [work] = routed({mug: 1})
    walk = released(work, by=lead)
    client.force_login(lead)
    assert client.get("/search/", {"q": walk.wave.number}).url == f"/waves/{walk.wave.number}/"
    assert client.get("/search/", {"q": walk.number}).url == f"/pick/{walk.number}/"


def test_nobody_is_sent_to_a_wave_or_a_walk_that_is_closed_to_them(client, lead, berlin, mug):
    put(mug, berlin, 1)
    _, [work] = routed({mug: 1})
    walk = released(work, by=lead)
    client.force_login(person("packer"))
    assert client.get("/search/", {"q": walk.number}).status_code == 200
    assert client.get("/search/", {"q": walk.wave.number}).status_code == 200
    client.force_login(person("picker"))
    assert client.get("/search/", {"q": walk.number}).url == f"/pick/{walk.number}/"
    assert client.get("/search/", {"q": walk.wave.number}).status_code == 200


def test_all_words_of_a_search_are_looked_for_together(client, lead):
    """A phone number that is written with spaces is one number, and a name and a city are both asked for."""
    sku = SkuFactory()
    order = confirmed_order({sku: 1}, phone="+49 151 2345678")
    confirmed_order({sku: 1}, phone="+49 151 9999999")
    client.force_login(lead)

    def found(q: str) -> list[str]:
        return [row.object.number for row in client.get("/orders/", {"q": q}).context["listing"].rows]

    assert found("0151 234 56 78") == [order.number]
    assert len(found("winter hamburg")) == 2
    assert found("winter nowhere") == []
    assert found("winter state:confirmed 151") == found("winter state:confirmed")


def test_an_address_is_found_whole_or_in_part(client, lead):
    sku = SkuFactory()
    order = confirmed_order({sku: 1}, email="kim@example.org")
    confirmed_order({sku: 1})
    client.force_login(lead)

    def found(q: str) -> list[str]:
        return [row.object.number for row in client.get("/orders/", {"q": q}).context["listing"].rows]

    assert found("Kim@Example.org") == [order.number]
    assert found("kim@exam") == [order.number]
    assert found("nobody@example.org") == []


def test_work_is_found_by_its_number_and_by_what_its_order_is_found_by(client, lead, berlin, mug, monkeypatch):
    put(mug, berlin, 5)
    order, [work] = routed({mug: 1}, phone="+49 151 2345678")
    client.force_login(lead)

    def found(q: str) -> list[str]:
        return [row.object.number for row in client.get("/fulfillment/", {"q": q}).context["listing"].rows]

    asked = [work.number.lower(), work.number.removeprefix("FO-"), order.number, "0151 2345678", "ada winter", "mug"]
    assert [found(text) for text in asked] == [[work.number]] * len(asked)
    assert found("nobody") == []
    monkeypatch.setattr(searching, "SOME", 0)
    assert (found("ada winter"), found("ada nobody")) == ([work.number], [])
