"""An admin opens two doors: a shop that sends orders by signed webhook, and a carrier with its price list."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal

import pytest

from carriers.models import Rate
from orders.models import Channel, InboundMessage
from tests.browser.conftest import look

pytestmark = pytest.mark.browser


def sent(page, path: str, secret: str, body: dict) -> int:
    raw = json.dumps(body).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    headers = {"X-OMS-Signature": signature, "Content-Type": "application/json"}
    return page.request.post(path, data=raw, headers=headers).status


def test_a_shop_is_connected_by_a_secret_that_is_shown_once(at):
    page = at("admin")
    page.goto("/channels/")
    look(page)
    page.get_by_role("link", name="New channel").first.click()
    look(page)
    page.get_by_label("Code").fill("shop")
    page.get_by_label("Name", exact=True).fill("Partner shop")
    page.get_by_label("Kind").select_option("generic")
    page.get_by_label("Currency", exact=True).fill("EUR")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("No secret yet: nothing is taken in.").wait_for()
    look(page)
    page.get_by_role("button", name="Make a secret").click()
    page.get_by_text("It is shown this once.").wait_for()
    look(page)
    secret = page.locator("main [data-copy]").inner_text()
    page.get_by_role("link", name="I have it").click()
    page.get_by_text("A secret is set.").wait_for()
    look(page)

    channel = Channel.objects.get()
    assert secret == channel.credentials["secret"]
    assert secret not in page.content()
    door = f"/webhooks/{channel.token}/"
    assert [sent(page, door, key, {"external_id": "A-1"}) for key in ("guessed", secret)] == [401, 202]
    page.goto("/messages/")
    look(page)
    page.goto(f"/channels/shop/messages/{InboundMessage.objects.get().pk}/")
    look(page)


def test_a_carrier_gets_its_service_zone_and_prices(at):
    page = at("admin")
    page.goto("/carriers/")
    look(page)
    page.goto("/carriers/new/")
    look(page)
    page.get_by_text("Own rate tables").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Name", exact=True).fill("Bike courier")
    look(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add a service").click()
    look(page)
    page.get_by_label("Name", exact=True).fill("Same day")
    page.get_by_label("Code at the carrier").fill("same-day")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Rate tables").click()
    page.get_by_role("link", name="Add a zone").click()
    page.get_by_label("Name", exact=True).fill("Berlin")
    page.get_by_label("countries").fill("de")
    page.get_by_label("Postcodes that begin with").fill("10, 12, 13")
    look(page)
    page.get_by_role("button", name="Save").click()
    for row, (kilos, price) in enumerate((("2", "4.50"), ("5", "6.50")), start=1):
        page.get_by_label("Up to, kg").nth(row - 1).fill(kilos)
        page.get_by_label(f"Berlin, row {row}").fill(price)
    page.get_by_role("button", name="Save prices").click()
    page.get_by_role("link", name="As CSV").wait_for()
    look(page)
    page.goto("/carriers/try/")
    page.get_by_label("To postcode").fill("10999")
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("row", name="Same day").get_by_text("4.50 EUR").first.wait_for()
    look(page)

    prices = Rate.objects.order_by("max_weight_g").values_list("max_weight_g", "price")
    assert list(prices) == [(2000, Decimal("4.5")), (5000, Decimal("6.5"))]
