"""A picker with a scanner on a phone: takes a list, walks it, scans wrongly once, finds too little once, finishes."""

import pytest

from fulfillment.models import FulfillmentOrder, PickList, PickTask
from tests.browser.conftest import PHONE, look
from tests.factories.fulfillment import person as somebody
from tests.factories.fulfillment import released, routed
from tests.factories.inventory import BarcodeFactory, LocationFactory, SkuFactory, put

pytestmark = pytest.mark.browser


@pytest.fixture
def walk(transactional_db) -> PickList:
    """Two mugs in A-01, then three lamps in A-02, of which somebody has taken one."""
    berlin = LocationFactory(code="BER", name="Berlin")
    mug, lamp = SkuFactory(code="MUG", name="Mug"), SkuFactory(code="LAMP", name="Lamp")
    BarcodeFactory(sku=mug, code="4012345000011")
    put(mug, berlin, 5)
    put(lamp, berlin, 3, shelf="A-02")
    _, [work] = routed({mug: 2, lamp: 3})
    return released(work, by=somebody("lead"))


def scan(page, code: str) -> None:
    """As a scanner does it: keys as fast as they come, then Enter. The page that answers is loaded anew."""
    with page.expect_navigation():
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def said(page) -> str:
    return page.locator("#scan-said").inner_text()


def test_a_list_is_walked_by_scans_with_one_wrong_and_one_short(at, walk):
    page = at("picker", PHONE)
    page.goto("/pick/")
    page.get_by_label("Where you are").select_option("Berlin")
    page.get_by_role("button", name="Choose").tap()
    page.get_by_role("heading", name="To pick in Berlin").wait_for()
    look(page)
    page.get_by_role("button", name=f"Take {walk.number}").tap()
    page.wait_for_url(f"**/pick/{walk.number}/")
    assert said(page) == "Scan the bin"
    look(page)

    scan(page, "A-02")
    assert said(page) == "You are at A-02. Go to A-01."
    assert page.locator("body").get_attribute("data-flash") == "wrong"
    look(page)
    scan(page, "A-01")
    scan(page, "LAMP")
    assert said(page) == "This is LAMP Lamp. Wanted: MUG Mug."
    scan(page, "4012345000011")
    assert said(page) == "Scan the item"
    look(page)
    scan(page, "MUG")
    assert said(page) == "Scan the tote"
    look(page)
    scan(page, "T-7")

    scan(page, "A-02")
    scan(page, "LAMP")
    page.get_by_text("Too few here").tap()
    page.get_by_label("How many are there?").fill("1")
    page.get_by_label("Why").select_option("Not there")
    look(page)
    page.get_by_role("button", name="Report it").tap()
    page.locator("#scan-said").get_by_text("Scan the tote").or_(page.get_by_text("Every stop is done.")).wait_for()
    look(page)
    page.goto("/pick/")
    look(page)

    walk.refresh_from_db()
    assert walk.state == "done"
    assert FulfillmentOrder.objects.get(lines__sku__code="MUG").tote.code == "T-7"
    stops = PickTask.objects.order_by("sequence").values_list("sku__code", "quantity", "picked", "state")
    assert list(stops) == [("MUG", 2, 2, "picked"), ("LAMP", 3, 1, "short")]
