"""The shell in a real browser: the door, the keys, the palette, both themes, the phone."""

import re

import pytest

from oms.accounts.models import User
from oms.common import cases
from oms.common.actors import SYSTEM
from orders import intake
from tests.browser.conftest import PASSWORD, PHONE, findings, too_wide
from tests.factories.inventory import LocationFactory, SkuFactory
from tests.factories.orders import channel, external

pytestmark = pytest.mark.browser
PAGES = [
    "/inventory/", "/inventory/purchases/", "/carriers/", "/settings/", "/settings/users/", "/settings/users/new/",
    "/settings/tokens/new/", "/settings/audit/", "/preferences/",
]  # fmt: skip


@pytest.fixture
def shelf(transactional_db):
    LocationFactory(code="BER", name="Berlin")
    return [SkuFactory(code=f"MUG-{n}", name=f"Mug {n}") for n in range(3)]


@pytest.fixture
def signed_out(at, person):
    person("lead")
    return at("")


def test_a_person_signs_in_lands_where_they_were_going_and_signs_out(signed_out):
    signed_out.goto("/inventory/?q=mug")
    signed_out.get_by_label("E-mail").fill("lead@example.com")
    signed_out.get_by_label("Password").fill("not it at all")
    signed_out.keyboard.press("Enter")
    signed_out.get_by_text("E-mail and password don't belong together.").wait_for()
    signed_out.get_by_label("Password").fill(PASSWORD)
    signed_out.keyboard.press("Enter")
    signed_out.wait_for_url("**/inventory/?q=mug")
    signed_out.get_by_role("button", name="Your account, Lead").click()
    signed_out.get_by_role("button", name="Sign out").click()
    signed_out.wait_for_url("**/login/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_door(at, person, settings, scheme):
    settings.OMS_DEMO, settings.OMS_DEMO_PASSWORD = True, PASSWORD
    User.objects.create_user("picker@demo.test", PASSWORD, name="Pia", role="picker")
    page = at("", color_scheme=scheme)
    page.goto("/login/")

    assert findings(page) == []


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_and_nothing_is_too_wide(at, shelf, size):
    page = at("admin", size) if size else at("admin")
    found = {}
    for path in [*PAGES, f"/inventory/skus/{shelf[0].code}/"]:
        page.goto(path)
        found[path] = findings(page), too_wide(page)

    assert {path: what for path, what in found.items() if what != ([], 0)} == {}


def test_axe_finds_nothing_in_the_dark(at, shelf):
    page = at("admin", color_scheme="dark")
    found = {}
    for path in PAGES:
        page.goto(path)
        found[path] = findings(page)

    assert {path: what for path, what in found.items() if what} == {}


def test_the_keyboard_walks_opens_searches_and_goes(at, shelf):
    page = at("lead")
    page.goto("/inventory/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inventory/skus/MUG-1/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/inventory/")
    page.keyboard.press("/")
    page.keyboard.type("mug-2")
    page.wait_for_url("**q=mug-2*")
    page.locator("tbody tr").filter(has_text="MUG-1").wait_for(state="detached")

    assert page.locator("tbody tr").count() == 1


def test_letters_are_off_while_typing_and_where_preferences_say_so(at, shelf, person):
    page = at("lead")
    page.goto("/inventory/")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keyboard").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("?")
    assert not page.locator("#keys").is_visible()
    User.objects.update(single_keys=False)
    page.goto("/inventory/")
    page.keyboard.press("?")

    assert not page.locator("#keys").is_visible()


def test_the_palette_goes_to_a_place_by_its_name(at, shelf):
    page = at("admin")
    page.goto("/inventory/")
    page.keyboard.press("Control+k")
    page.keyboard.type("carr")
    page.get_by_role("option", name="Carriers").wait_for()
    assert findings(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/carriers/")


def test_a_role_sees_only_its_places(at):
    page = at("auditor")
    page.goto("/preferences/")
    words = page.get_by_role("navigation", name="Main").first.get_by_role("link").all_inner_texts()

    assert "Inventory" in words
    assert not {"Pick", "Pack", "Ship", "Exceptions"} & set(words)


def test_the_theme_is_kept(at, shelf):
    page = at("lead")
    page.goto("/preferences/")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.goto("/inventory/")

    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_the_phone_has_its_places_at_the_bottom(at, shelf):
    page = at("lead", PHONE)
    page.goto("/inventory/")
    assert not page.locator(".rail").is_visible()
    more = page.get_by_role("button", name="More")
    if more.count():  # only where there are more places than thumbs reach
        more.tap()
    page.get_by_role("navigation", name="Main, bottom").get_by_role("link", name="Returns").tap()
    page.wait_for_url("**/returns/")


def test_a_digit_chooses_what_is_offered(at):
    page = at("lead")
    page.goto("/preferences/")
    page.locator("h1").click()
    page.keyboard.press("3")

    assert page.get_by_label("Dark").is_checked()


def test_rows_are_ticked_by_x_and_up_to_here_by_shift_x(at, transactional_db):
    web = channel()
    for _ in range(4):
        intake.take(external(), channel=web, by=SYSTEM)
    page = at("lead")
    page.goto("/orders/")
    for key in ("j", "x", "j", "j", "X"):
        page.keyboard.press(key)
    page.get_by_text("3 ticked:").wait_for()
    page.keyboard.press("a")
    page.get_by_text("4 ticked:").wait_for()
    page.keyboard.press("o")
    page.wait_for_url(re.compile(r"/orders/\d+/$"))


def test_a_refused_form_leads_to_its_errors(at):
    page = at("admin")
    page.goto("/settings/users/new/")
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("Please look at this again:").wait_for()

    assert page.evaluate("document.activeElement.hasAttribute('data-focus')")


def test_changed_words_are_not_lost_by_leaving(at):
    page = at("lead")
    page.goto("/preferences/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Name", exact=True).fill("Somebody else")
    page.evaluate("location.assign('/inventory/')")
    page.wait_for_timeout(300)

    assert asked == ["beforeunload"]
    assert page.url.endswith("/preferences/")


def test_where_something_is_scanned_letters_are_codes(at, shelf):
    page = at("packer")
    page.goto("/pack/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # away from the field, as a stray click does it
    page.keyboard.type("gi-4711")
    assert page.get_by_label("Scan or type a code").input_value() == "gi-4711"
    page.keyboard.press("Enter")
    page.locator("body[data-flash=wrong]").wait_for()

    assert findings(page) == []


def test_the_rail_shows_what_is_inside_and_counts_what_waits(at, shelf):
    cases.open_case("label_failed", "order:1", title="A label failed", key="label:1", by=SYSTEM)
    page = at("lead")
    page.goto("/inventory/purchases/")
    rail = page.get_by_role("navigation", name="Main").first

    assert rail.locator("[aria-current]").all_inner_texts() == ["Purchases"]
    assert rail.get_by_role("link", name="Tracking").count() == 0
    page.locator('.rail [data-count="exceptions"]').get_by_text("1", exact=True).wait_for()


def test_the_menu_changes_the_colours(at, shelf):
    page = at("lead")
    page.goto("/inventory/?q=mug")
    page.get_by_role("button", name="Your account, Lead").click()
    assert findings(page) == []
    page.get_by_role("button", name="Dark").click()
    page.locator("html[data-theme=dark]").wait_for()

    assert page.url.endswith("/inventory/?q=mug")
