"""Places where a process may die in tests: `OMS_CRASH=label.after_buy:2` ends it at the second pass."""

import collections
import os
import re
from pathlib import Path

_passes: collections.Counter[str] = collections.Counter()


def crash_point(label: str) -> None:
    wanted = os.environ.get("OMS_CRASH", "")
    if not wanted:
        return
    name, _, nth = wanted.partition(":")
    if name == label:
        _passes[label] += 1
        if _passes[label] == int(nth or 1):
            os._exit(9)


def __getattr__(name: str) -> frozenset[str]:
    """`POINTS` is read from the sources of our apps, so that a point can't be forgotten in a list."""
    if name == "POINTS":
        return _points()
    raise AttributeError(name)


def _points() -> frozenset[str]:
    from django.apps import apps
    from django.conf import settings

    root = Path(settings.BASE_DIR)
    ours = [
        Path(app.path) for app in apps.get_app_configs() if root in Path(app.path).parents and ".venv" not in app.path
    ]
    found: set[str] = set()
    for folder in ours:
        for source in folder.rglob("*.py"):
            found.update(re.findall(r"\bcrash_point\(\s*\"([a-z_.]+)\"", source.read_text(encoding="utf-8")))
    return frozenset(found)
