"""The returns desk in a real browser; axe finds nothing on its pages, at the desk, on a phone or in the dark."""

from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from orders.models import Order
from returns import refunds
from returns.models import Refund, Return, ReturnPolicy
from tests.factories.fulfillment import person
from tests.factories.returns import asked, delivered, inspected, policy, received

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(chromium_browser, live_server):
    client = Client()
    client.force_login(person("admin"))
    context = chromium_browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    shown = context.new_page()
    shown.errors = []
    shown.on("console", lambda message: shown.errors.append(message.text) if message.type == "error" else None)
    shown.on("pageerror", lambda error: shown.errors.append(str(error)))
    yield shown
    context.close()


@pytest.fixture
def sent(berlin, mug, lamp, lead) -> Order:
    """44.60 paid."""
    policy(fee=Decimal("3.00"))
    return delivered({mug: 4, lamp: 1}, at=berlin, by=lead, tax="1.90")


def addresses(sent: Order, lead) -> list[str]:
    """One return at each stage, and refunds in each state."""
    waiting, arriving = asked(sent, by=lead, MUG=1), received(asked(sent, by=lead, MUG=1), by=lead)
    earned = inspected(asked(sent, by=lead, LAMP=1), by=lead)
    failed = refunds.submit_amount(sent, Decimal("1"), key="a", reason="Kind", by=lead)
    refunds.fail(failed.pk, why="Card expired", by=lead)
    paid = refunds.submit_return(inspected(asked(sent, by=lead, MUG=1), by=lead), key="b", by=lead)
    ReturnPolicy.objects.create(name="Old", valid_from=sent.placed_at, valid_until=sent.placed_at)
    numbers = (waiting.number, arriving.number, earned.number)
    rest = [f"/returns/{waiting.number}/{verb}/" for verb in ("cancel", "decline", "approve")]
    rest += [
        f"/returns/{arriving.number}/lines/{arriving.lines.get().pk}/inspect/",
        f"/returns/{earned.number}/refund/",
    ]
    rest += [f"/refunds/{refund.pk}/" for refund in (failed, paid)]
    rest += [f"/refunds/{paid.pk}/settle/", f"/refunds/{paid.pk}/fail/", f"/orders/{sent.number}/refunds/new/"]
    rest += ["/returns/", "/returns/?q=nothing-like-it", "/returns/receive/", "/returns/inspect/", "/refunds/"]
    rest += [
        "/return-policies/",
        "/return-policies/new/",
        *(f"/return-policies/{p.pk}/" for p in ReturnPolicy.objects.all()),
    ]
    rest += [f"/orders/{sent.number}/returns/new/"]
    pages = (f"/returns/{number}/" for number in numbers)
    return [*pages, *(f"/returns/receive/{number}/" for number in numbers), *rest]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (390, "dark")])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(page, sent, lead, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    found = {}
    for address in addresses(sent, lead):
        answer = page.goto(address)
        what = [f"{f['id']}: {f['nodes'][0]['html'][:140]}" for f in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            what.append("wider than the screen")
        if what or answer.status != 200:
            found[address] = [answer.status, *what]

    assert found == {}
    assert page.errors == []


def scan(page, code: str, said: str) -> None:
    page.keyboard.type(code, delay=3)
    page.keyboard.press("Enter")
    page.locator("#scan-said").get_by_text(said, exact=True).wait_for()


def test_from_the_order_to_the_money(page, sent):
    """An agent opens a return, the desk scans it in on a phone, the agent pays it back."""
    page.goto(f"/orders/{sent.number}/")
    page.get_by_role("link", name="Return", exact=True).click()
    page.get_by_label("Units").first.fill("2")
    page.get_by_label("Why").first.select_option("wrong_size")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("20.80 EUR").wait_for()
    page.get_by_role("button", name="Open the return").click()
    page.wait_for_url("**/returns/RMA-*/")
    rma = Return.objects.get()

    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/returns/receive/")
    page.keyboard.type(rma.number, delay=3)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/returns/receive/{rma.number}/")
    scan(page, "MUG", "MUG: 1 of 2")
    scan(page, "LAMP", f"This is LAMP Lamp; {rma.number} does not expect it.")
    scan(page, "MUG", "MUG: 2 of 2")
    page.get_by_role("button", name="Back to stock").click()
    page.get_by_role("button", name="All is here").click()
    page.wait_for_url("**/returns/receive/")
    page.goto("/returns/inspect/")
    page.get_by_role("button", name="Quarantine one MUG").click()
    page.get_by_text("Everything is decided").wait_for()

    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/returns/{rma.number}/")
    page.get_by_role("link", name="Refund 20.80 EUR").click()
    page.get_by_role("button", name="Pay it back").click()
    page.get_by_role("button", name="Close it").click()
    page.get_by_text("is closed").first.wait_for()
    rma.refresh_from_db()

    assert rma.state == "closed"
    assert Refund.objects.get().amount == Decimal("20.80")
    assert [error for error in page.errors if "422" not in error] == []
