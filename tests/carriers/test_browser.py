"""An admin sets up a carrier with its prices in a real browser; no page has anything that axe finds."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from carriers import labels, manifests, tracking
from carriers.models import CarrierAccount, Rate
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.carriers.test_pages import pages
from tests.carriers.test_tracking import STORY
from tests.factories.carriers import label_request

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery"


@pytest.fixture
def page(chromium_browser, live_server, client):
    user = User.objects.create_user("admin@example.com", PASSWORD, name="Ada", role="admin", all_locations=True)
    client.force_login(user)
    context = chromium_browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    yield context.new_page()
    context.close()


def findings(page) -> list[str]:
    return [f"{found['id']}: {found['nodes'][0]['html'][:120]}" for found in Axe().run(page).response["violations"]]


def test_an_admin_sets_up_a_carrier_and_its_prices_and_tries_a_rate(page):
    page.goto("/carriers/new/")
    page.get_by_text("Own rate tables").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Name", exact=True).fill("Bike courier")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add a service").click()
    page.get_by_label("Name", exact=True).fill("Same day")
    page.get_by_label("Code at the carrier").fill("same-day")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Rate tables").click()
    page.get_by_role("link", name="Add a zone").click()
    page.get_by_label("Name", exact=True).fill("Berlin")
    page.get_by_label("countries").fill("de")
    page.get_by_label("Postcodes that begin with").fill("10, 12, 13")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Up to, kg").first.fill("5")
    page.get_by_label("Berlin, row 1").fill("6.50")
    page.get_by_role("button", name="Save prices").click()
    page.goto("/carriers/try/")
    page.get_by_label("To postcode").fill("10999")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("Same day").wait_for()

    assert page.get_by_role("row", name="Same day").get_by_text("6.50 EUR").first.is_visible()
    assert (CarrierAccount.objects.get().name, str(Rate.objects.get().price)) == ("Bike courier", "6.500")


def test_axe_finds_nothing_on_any_page(page, van, live_server):
    label = labels.request(label_request(), account=van, by=SYSTEM)
    label.refresh_from_db()
    manifests.add(van, "BER", label, by=SYSTEM)
    label.refresh_from_db()
    tracking.record(label.tracker, STORY)
    found = {}
    for name, url in pages(van, label).items():
        if name not in ("pdf", "zpl", "csv"):
            page.goto(url)
            found[name] = findings(page)

    assert {name: what for name, what in found.items() if what} == {}
