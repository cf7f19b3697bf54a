"""Every page that an admin can open, in a world with all states: axe finds nothing, nothing is too wide."""

import pytest
from django.test import Client

from oms.common.checks import every_url
from tests.browser.conftest import findings, too_wide
from tests.factories.pages import crawl
from tests.factories.world import filled

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NO_PAGES = ("api/", "counts/", "healthz", "login/")
BY_NAME = [f"/{route}" for route, _ in every_url() if "<" not in route and not route.startswith(NO_PAGES)]


def addresses(person) -> list[str]:
    """Every address without a name in it, and one thing of each kind that links lead to; no parts of pages."""
    client = Client()
    client.force_login(person("admin"))
    return [page.url for page in crawl(client, "/", *BY_NAME, most=1) if "?" not in page.url and "<main" in page.text]


def test_a_page_has_no_findings_and_fits_its_screen(at, person):
    """Axe looks at every other page as a desk shows it and at the rest as a phone does; both are measured for all."""
    filled()
    found, seen = {}, addresses(person)
    screen = at("admin")
    screen.emulate_media(reduced_motion="reduce")
    for n, url in enumerate(seen):
        first, last = (DESK, PHONE) if n % 2 else (PHONE, DESK)
        screen.set_viewport_size(first)
        screen.goto(url)
        wide = too_wide(screen)
        screen.set_viewport_size(last)
        if what := [*findings(screen), *(["too wide"] if wide or too_wide(screen) else [])]:
            found[url] = what

    assert found == {}
    assert len(seen) > 60
