"""A lead releases a wave and reads what the house has learned."""

import pytest

from tests.browser.conftest import look
from tests.factories.fulfillment import routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.returns import asked, delivered, policy

pytestmark = pytest.mark.browser


def test_a_wave_is_released_and_the_figures_are_read_and_kept(at, person):
    lead = person("lead")
    berlin, mug = LocationFactory(code="BER", name="Berlin"), SkuFactory(code="MUG", name="Mug")
    policy()
    asked(delivered({mug: 4}, at=berlin, by=lead), by=lead, reason="damaged", MUG=1)
    put(mug, berlin, 9)
    works = [routed({mug: units})[1][0] for units in (1, 2)]

    page = at("lead")
    page.goto("/waves/")
    page.get_by_label("Where you are").select_option("Berlin")
    page.get_by_role("button", name="Choose", exact=True).click()
    page.get_by_role("link", name="Everything").click()
    look(page)
    page.get_by_label(f"Choose {works[1].number}").check()
    page.get_by_role("button", name="Release").click()
    page.wait_for_url("**/waves/W-*/")
    assert page.get_by_role("link", name=works[1].number).is_visible()
    assert page.get_by_role("link", name=works[0].number).count() == 0
    look(page)
    works[1].refresh_from_db()
    assert works[1].state == "released"

    page.goto("/insights/")
    page.get_by_role("link", name="Returns", exact=True).last.click()
    page.get_by_label("Channel optional").select_option("Web shop")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**channel=web**")
    assert page.get_by_role("row", name="Arrived damaged 1 100.0").is_visible()
    look(page)
    with page.expect_download() as told:
        page.get_by_role("link", name="CSV of Units back, by reason").click()
    rows = told.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert rows == ['"Reason","Units","Per cent"', '"Arrived damaged","1","100.0"']
