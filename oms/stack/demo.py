"""Whether `setup_demo` has something to do: it costs a second, so it runs only where it has."""

import json
from collections.abc import Mapping
from pathlib import Path

FIXED_BY = {"token": "OMS_DEMO_TOKEN", "password": "OMS_DEMO_PASSWORD"}


def news(home: Path, environment: Mapping[str, str]) -> str:
    """What will be true once it has run; nothing where it need not."""
    try:
        told = json.loads((home / "demo.json").read_text())
    except FileNotFoundError:
        return "The demo world is laid out"
    wishes = {name: environment.get(variable) for name, variable in FIXED_BY.items()}
    changed = [name for name, wish in wishes.items() if told["accounts"] and wish and wish != told[name]]
    return f"The demo world has the {' and the '.join(changed)} of the environment" if changed else ""
