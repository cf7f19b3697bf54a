"""An agent takes a call: enters the order, changes it, takes a line off and lets it go again."""

import re
from decimal import Decimal

import pytest

from fulfillment.models import FulfillmentOrderLine
from orders.models import Order, PromoCode
from tests.browser.conftest import look
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.orders import channel

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(transactional_db) -> None:
    berlin = LocationFactory(code="BER", name="Berlin", priority=9)
    for code, name in (("MUG", "Mug"), ("LAMP", "Lamp")):
        put(SkuFactory(code=code, name=name, price=Decimal("10")), berlin, 9)
    channel("phone", kind="phone", config={"payment": "on_account"})
    PromoCode.objects.create(code="TEN", kind="percent", value=10)


def enter(page) -> Order:
    """Three mugs and a lamp with ten percent off, to Hamburg."""
    page.goto("/orders/new/")
    look(page)
    for code in ("MUG", "LAMP"):
        page.get_by_label("Find a SKU by code, name or barcode").fill("")
        page.get_by_label("Find a SKU by code, name or barcode").press_sequentially(code.lower())
        page.get_by_role("button", name=f"Add {code}").click()
    page.get_by_label("Units").first.fill("3")
    page.get_by_text("40.00 EUR").first.wait_for()
    page.get_by_label("Name", exact=True).first.fill("Jane Doe")
    page.get_by_label("E-mail optional").fill("jane@example.org")
    page.locator("[name=address-name]").fill("Jane Doe")
    page.get_by_label("Street and number").fill("Jungfernstieg 7")
    page.get_by_label("Postcode").fill("20354")
    page.get_by_label("City").fill("Hamburg")
    page.get_by_label("Country").fill("DE")
    page.get_by_label("Promo code").fill("TEN")
    page.get_by_text("36.00 EUR").first.wait_for()
    look(page)
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url(re.compile(r"/orders/\d+/$"))
    return Order.objects.get()


def test_an_order_by_phone_is_entered_confirmed_placed_amended_and_cancelled(at, shop):
    page = at("agent")
    order = enter(page)
    assert (order.state, order.total) == ("confirmed", Decimal("36"))
    assert order.fulfillment_orders.get().location.code == "BER"
    page.get_by_text("Berlin").first.wait_for()
    look(page)
    page.get_by_role("link", name="Why here?").click()
    page.get_by_role("heading", name="Why here?").wait_for()
    look(page)
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Amend").click()
    look(page)
    page.get_by_label("Units").first.fill("2")
    page.get_by_label("Street and number").fill("Jungfernstieg 9")
    page.get_by_role("button", name="Preview").click()
    seen = page.locator("#amend-preview")
    seen.get_by_text("27.00 EUR").first.wait_for()
    look(page)
    assert order.lines.get(sku_code="MUG").cancelled == 0  # nothing has happened yet
    page.get_by_role("button", name="Confirm the change").click()
    page.wait_for_url(f"**/orders/{order.number}/")
    order.refresh_from_db()
    assert (order.total, order.shipping_address.line1) == (Decimal("27"), "Jungfernstieg 9")

    page.get_by_role("link", name="Cancel", exact=True).click()
    look(page)
    page.get_by_label("Why").fill("Has one already")
    page.get_by_label("Cancel", exact=True).nth(0).fill("0")
    page.get_by_label("Cancel", exact=True).nth(1).fill("1")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="What happens").wait_for()
    look(page)
    page.get_by_role("button", name="Cancel these units").click()
    page.wait_for_url(f"**/orders/{order.number}/")
    order.refresh_from_db()
    assert (order.state, order.lines.get(sku_code="LAMP").cancelled) == ("confirmed", 1)
    assert [line.quantity for line in FulfillmentOrderLine.objects.filter(quantity__gt=0)] == [2]

    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_label("Why").fill("Changed her mind")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Cancel these units").click()
    page.wait_for_url(f"**/orders/{order.number}/")
    look(page)
    order.refresh_from_db()
    assert (order.state, order.fulfillment_orders.get().state) == ("cancelled", "cancelled")
    page.goto("/orders/")
    look(page)
