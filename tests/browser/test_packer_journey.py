"""A packer: scans goods into a box, seals it, compares carriers, buys the label, prints, and gives it to the driver."""

from decimal import Decimal

import pytest

from carriers.models import Label, Manifest
from carriers.providers.fake.server import FakeCarrier
from fulfillment.models import BoxType, FulfillmentOrder, Shipment
from tests.browser.conftest import look
from tests.factories.carriers import AccountFactory, ServiceFactory, tariff
from tests.factories.fulfillment import person as somebody
from tests.factories.fulfillment import picked, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put

pytestmark = pytest.mark.browser


@pytest.fixture
def carriers(transactional_db, settings):
    """Our own van by a price list, and a carrier that answers over HTTP."""
    tariff(AccountFactory(name="Own van", config={"prefix": "VAN"}), {"Germany": {2000: "4.90", 10000: "7.50"}})
    with FakeCarrier() as server:
        settings.OMS_ALLOW_PRIVATE_HOSTS, settings.FAKE_CARRIER_URL = [server.address], server.url
        account = AccountFactory(name="Fake", provider="fake", credentials={"api_key": "fake-key"})
        ServiceFactory(account=account, code="express", name="Fake Express", transit_min_days=1, transit_max_days=1)
        yield


@pytest.fixture
def work(carriers) -> FulfillmentOrder:
    """Two mugs, picked into a tote."""
    berlin, mug = LocationFactory(code="BER", name="Berlin"), SkuFactory(code="MUG", name="Mug")
    BoxType.objects.create(
        code="S", name="Small box", length_mm=300, width_mm=200, height_mm=150, tare_g=100, max_weight_g=5000
    )
    put(mug, berlin, 5)
    _, [work] = routed({mug: 2})
    return picked(work, by=somebody("lead"))


def scan(page, code: str) -> None:
    with page.expect_navigation():
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def is_paper(page, link) -> bool:
    """What the link opens is a PDF."""
    answer = page.request.get(link.get_attribute("href"))
    return answer.status == 200 and answer.body().startswith(b"%PDF")


def pack(page, work: FulfillmentOrder) -> Shipment:
    page.goto("/pack/")
    look(page)
    scan(page, f"T-{work.pk}")
    page.wait_for_url("**/pack/SH-*/")
    scan(page, "LAMP")
    page.get_by_role("alert").get_by_text("“LAMP” is not known.").wait_for()
    look(page)
    scan(page, "MUG")
    look(page)
    scan(page, "MUG")
    page.get_by_text("Small box fits best. It should weigh 1100 g.").wait_for()
    page.get_by_label("Weight in g").fill("4000")
    page.get_by_role("button", name="Seal", exact=True).click()
    page.get_by_role("button", name="I looked: seal it anyway").wait_for()
    look(page)
    page.get_by_label("Weight in g").fill("1120")
    page.get_by_role("button", name="Seal", exact=True).click()
    page.wait_for_url("**/ship/SH-*/")
    return Shipment.objects.get()


def test_a_parcel_is_packed_labelled_printed_and_handed_over(at, work):
    page = at("packer")
    shipment = pack(page, work)
    assert (shipment.state, shipment.parcels.get().weight_g) == ("sealed", 1120)
    page.get_by_role("row", name="Fake Express").wait_for()
    van = page.get_by_role("row", name="Standard")
    assert van.get_by_role("radio").is_checked()
    assert van.get_by_text("4.90 EUR").is_visible()
    look(page)
    page.goto("/ship/")
    look(page)
    page.get_by_role("link", name=shipment.number).click()

    page.get_by_role("radio", name="Fake Express").check()
    page.get_by_role("button", name="Buy the label").click()
    label_link = page.get_by_role("link", name="Label PDF")
    label_link.wait_for()
    look(page)
    assert is_paper(page, label_link)
    assert is_paper(page, page.get_by_role("link", name="Packing slip"))
    label = Label.objects.get()
    assert (label.state, label.account.name) == ("bought", "Fake")

    page.goto("/hand-over/")
    look(page)
    page.get_by_role("link", name="Whole manifests").click()
    look(page)
    manifest = Manifest.objects.get()
    page.get_by_role("button", name=f"Hand over {manifest.number}").click()
    page.get_by_role("status").get_by_text(f"{manifest.number}: 1 handed over.").wait_for()
    look(page)
    page.goto("/manifests/")
    look(page)
    page.goto(f"/manifests/{manifest.number}/")
    look(page)
    assert is_paper(page, page.get_by_role("link", name="Print"))

    shipment.refresh_from_db()
    manifest.refresh_from_db()
    assert (shipment.state, manifest.state) == ("handed_over", "closed")
    level = shipment.location.levels.get()
    assert (level.on_hand, level.allocated) == (3, 0)
    assert label.cost > Decimal(0)
