"""An agent at work in a real browser; no page of an order has anything that axe finds, at the desk or on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from oms.common.actors import SYSTEM
from orders import documents, holds, importing, notes, notifications
from orders.models import Channel, Customer, InboundMessage, Order, OrderLine, PromoCode, RiskRule
from orders.statuses import HoldType
from tests.factories.fulfillment import packed, person, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium_browser, live_server):
    client = Client()
    client.force_login(person("admin"))
    context = chromium_browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    yield context.new_page()
    context.close()


@pytest.fixture
def order(db) -> Order:
    """Some of it packed, some waiting, held, with an invoice and a note."""
    berlin, mug = LocationFactory(code="BER", name="Berlin"), SkuFactory(code="MUG", name="Mug")
    put(mug, berlin, 5)
    order, [work] = routed({mug: 7}, tax="1.90")
    packed(work, by=person())
    order.refresh_from_db()
    documents.invoice(order, key="k", units={order.lines.get().pk: 1}, by=SYSTEM)
    problems = [{"field": "address", "message": "Deichstraße has no house number."}]
    holds.place(order, type=HoldType.REVIEW, reason="Please look", problems=problems, by=SYSTEM)
    notes.add(order, "She calls back", pinned=True, by=person("agent"))
    notifications.queue(order, "shipped", key="s", parcels=[])
    return order


def addresses(order: Order) -> list[str]:
    shop = Channel.objects.create(code="shop", name="Shop", kind="generic", token="t-shop")
    Channel.objects.create(code="phone", name="Phone", kind="phone", token="t-phone")
    message = InboundMessage.objects.create(
        channel=shop, sha256="0" * 64, body=b'{"a": 1}', outcome="Bad", state="refused"
    )
    promo = PromoCode.objects.create(code="TEN", kind="percent", value=10)
    rule = RiskRule.objects.create(name="Large", fact="total", operator="gt", value="500")
    run = importing.upload(
        shop, "orders.csv", (",".join(importing.NEEDED) + "\nA-1,soon,MUG,1,x\n").encode(), by=SYSTEM
    )
    of_order = ["", "holds/", "notes/", "payments/", "mails/", "amend/", "cancel/"]
    of_order.append(f"holds/{order.holds.get().pk}/release/")
    of_order.append(f"holds/{order.holds.get().pk}/postpone/")
    of_order.append(f"why/{order.fulfillment_orders.get().decision_id}/")
    rest = ["/orders/", "/orders/?q=nothing-like-it", "/orders/new/", "/channels/", "/channels/new/", "/channels/shop/"]
    rest += ["/messages/", f"/channels/shop/messages/{message.pk}/", "/promo-codes/", f"/promo-codes/{promo.pk}/"]
    rest += ["/imports/", "/imports/new/", f"/imports/{run.pk}/"]
    rest += [f"/customers/{Customer.objects.create(name='Jane').pk}/"]
    rest += ["/risk-rules/", f"/risk-rules/{rule.pk}/"]
    return [*(f"/orders/{order.number}/{part}" for part in of_order), *rest]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(page, order, width):
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for address in addresses(order):
        answer = page.goto(address)
        what = [f"{f['id']}: {f['nodes'][0]['html'][:140]}" for f in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            what.append("wider than the screen")
        if what or answer.status != 200:
            found[address] = [answer.status, *what]

    assert found == {}


def test_an_agent_enters_amends_and_cancels_an_order(page, order):
    Channel.objects.create(code="phone", name="Phone", kind="phone", token="t-phone")
    page.goto("/orders/new/")
    page.get_by_label("Find a SKU by code, name or barcode").press_sequentially("mug")
    page.get_by_role("button", name="Add MUG").click()
    page.get_by_label("Units").first.fill("3")
    page.get_by_text("30.00 EUR").first.wait_for()
    page.get_by_label("Name", exact=True).first.fill("Jane Doe")
    page.get_by_label("E-mail optional").fill("jane@example.org")
    page.locator("[name=address-name]").fill("Jane Doe")
    page.get_by_label("Street and number").fill("Jungfernstieg 7")
    page.get_by_label("Postcode").fill("20354")
    page.get_by_label("City").fill("Hamburg")
    page.get_by_label("Country").fill("DE")
    page.get_by_role("button", name="Place the order").click()
    page.wait_for_url(re.compile(r"/orders/\d+/$"))
    made = Order.objects.latest("pk")
    assert made.total == 30

    page.get_by_role("link", name="Amend").click()
    page.get_by_label("Units").first.fill("2")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Confirm the change").click()
    page.wait_for_url(f"**/orders/{made.number}/")
    made.refresh_from_db()
    assert made.total == 20

    page.get_by_role("link", name="Cancel", exact=True).click()
    page.get_by_label("Why").fill("mistake")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Cancel these units").click()
    page.wait_for_url(f"**/orders/{made.number}/")
    made.refresh_from_db()
    assert (made.state, OrderLine.objects.get(order=made).cancelled) == ("cancelled", 2)
