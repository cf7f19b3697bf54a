"""Where a Chromium for the browser tests is, if there is one."""

import os
import shutil
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
MAC = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]


def find() -> str | None:
    """CHROMIUM when set, else one on the path, in the usual places of macOS, or fetched by Playwright."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    candidates = [path for name in NAMES if (path := shutil.which(name))]
    candidates += [path for path in MAC if Path(path).exists()]
    candidates += [str(path) for path in Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome")]
    return next(iter(candidates), None)
