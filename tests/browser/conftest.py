"""A person at a screen: signed in with a role, at a desk or with a phone, whose browser must not complain."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page

from oms.accounts.models import User

PASSWORD = "correct horse battery"
# Colours fade, and what inherits them fades after them: at rest is when nothing has moved for three frames.
AT_REST = """() => new Promise(done => {
    let still = 0;
    const ask = () => {
        still = document.getAnimations().some(one => one.playState == "running") ? 0 : still + 1;
        still > 3 ? done() : requestAnimationFrame(ask);
    };
    requestAnimationFrame(ask);
})"""
OF_THE_GAME = re.compile(r"the server responded with a status of (400|403|404|409|422)")
DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def person(transactional_db) -> Callable[..., User]:
    """person("picker") is somebody in that role, the same at every call."""

    def of(role: str, **facts) -> User:
        known = User.objects.filter(email=f"{role}@example.com").first()
        return known or User.objects.create_user(
            f"{role}@example.com", PASSWORD, **{"name": role.title(), "role": role, "all_locations": True, **facts}
        )

    return of


@pytest.fixture
def at(chromium_browser, live_server, person) -> Iterator[Callable[..., Page]]:
    """at("picker", PHONE) is a page signed in as that role, at("") as nobody. The browser's complaints fail it."""
    complaints: list[str] = []
    with ExitStack() as contexts:

        def screen(role: str = "admin", size: dict = DESK, **more) -> Page:
            context = chromium_browser.new_context(base_url=live_server.url, **size, **more)
            contexts.callback(context.close)
            if role:
                client = Client()
                client.force_login(person(role))
                session = client.cookies["session"].value
                context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
            page = context.new_page()
            page.set_default_timeout(8000)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
            return page

        yield screen
    assert complaints == []


def _is_complaint(said) -> bool:
    """A refused form is part of the game; a script's error, a broken page or what the policy refused is not."""
    return said.type == "error" and not OF_THE_GAME.search(said.text)


def findings(page: Page, *rules: str) -> list[str]:
    """What axe has against the page, by all its rules or the named ones."""
    only = {"runOnly": list(rules)} if rules else {}
    answer = Axe().run(page, options={"resultTypes": ["violations"], **only}).response
    return [f"{found['id']}: {found['nodes'][0]['html'][:140]}" for found in answer["violations"]]


def too_wide(page: Page) -> int:
    """Pixels by which the page is wider than its screen, once it is there: a click waits for its address only."""
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def look(page: Page) -> None:
    """The page as it is now has nothing that axe finds, in the light and in the dark, and fits its screen."""
    found = {"too wide": too_wide(page)}
    for scheme, rules in (("dark", ["color-contrast"]), ("light", [])):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(AT_REST)
        found[scheme] = findings(page, *rules)
    assert {"at": page.url, **found} == {"at": page.url, "too wide": 0, "dark": [], "light": []}
