"""What every test may count on. The servers are in tests/servers.py, the settings in tests/settings.py."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest
from django.core.cache import cache

from carriers import price_lists
from oms.common import recent
from tests import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a Chromium the browser tests are left out, and one line at the end says so."""
    if chromium.find():
        return
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in browser_tests]
    config.hook.pytest_deselected(items=browser_tests)
    config.stash[LEFT_OUT] = len(browser_tests)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not chromium.find():
        left_out = config.stash.get(LEFT_OUT, 0)
        count = f"{left_out} browser tests" if left_out else "the browser tests"
        terminalreporter.write_line(f"Skipped {count}: no Chromium found (install chromium, or set CHROMIUM=path)")


# How fast examples are drawn says something about the machine, and nothing about us.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Of the test before."""
    cache.clear()
    recent.forget()
    price_lists.book.cache_clear()


@pytest.fixture(scope="session")
def chromium_browser() -> "Iterator[Browser]":
    """One Chromium for the whole run; open a fresh context from it in each test."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop lives in this thread, and Django would take that for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        yield browser
        browser.close()
