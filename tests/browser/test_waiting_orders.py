"""A lead looks at what deciding all backorders together would do, does it, and sees parts of an order on their way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from factory.django import mute_signals

from fulfillment.rules import editing
from fulfillment.rules.terms import Effect, Rule, Where
from inventory.signals import stock_increased
from tests.browser.conftest import DESK, PHONE, look
from tests.factories.fulfillment import routed
from tests.factories.inventory import LocationFactory, SkuFactory, put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_lead_looks_first_and_then_decides(at, size):
    berlin, mug = LocationFactory(code="BER", name="Berlin"), SkuFactory(code="MUG", name="Mug")
    now = timezone.now()
    old = routed({mug: 2}, placed_at=now - timedelta(days=4))[0]
    routed({mug: 2})
    with mute_signals(stock_increased):  # no worker has heard of it
        put(mug, berlin, 3)
    page = at("lead", size)

    page.goto("/backorders/")
    look(page)
    page.get_by_role("button", name="See what would happen").click()
    page.get_by_role("link", name="See the result").click()
    page.get_by_role("heading", name="2 orders, together and one by one").wait_for()
    look(page)
    page.get_by_role("button", name="Decide together").click()
    page.get_by_role("link", name="See the result").click()
    page.get_by_role("heading", name="Orders that got something").wait_for()
    look(page)

    assert page.get_by_role("link", name=old.number, exact=True).count() == 1
    assert f"{old.number} came first" in page.inner_text("main")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_parts_on_their_way_are_seen_on_the_order_and_where_they_meet(at, person, size):
    berlin, hamburg = LocationFactory(code="BER", name="Berlin"), LocationFactory(code="HAM", name="Hamburg")
    mug, lamp = SkuFactory(code="MUG", name="Mug"), SkuFactory(code="LAMP", name="Lamp")
    meet = Effect("meets", Where(places=(berlin.pk,)), number=1, amount=Decimal("0.50"), currency="EUR")
    rule = editing.create(Rule(0, "Meet in Berlin", effects=(meet,)), by=person("admin"))
    editing.use(rule.number, by=person("admin"))
    put(mug, berlin, 1)
    put(lamp, hamburg, 2)
    order, [work] = routed({mug: 1, lamp: 2})
    page = at("lead", size)

    page.goto(order.get_absolute_url())
    assert "2 × LAMP from Hamburg to Berlin" in page.inner_text("main")
    look(page)
    page.goto(f"/fulfillment/{work.number}/")
    look(page)
    page.get_by_role("button", name="Release now").click()
    page.get_by_text("Nothing can be released. ").wait_for()
    page.goto("/sourcing-rules/")
    look(page)
