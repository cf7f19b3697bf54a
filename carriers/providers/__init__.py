"""The carriers we speak to. Each folder here is one; adding a folder and a line below is all that a new one needs."""

from importlib import import_module

from carriers.providers.base import CarrierError, Provider

FOLDERS = ("manual", "fake")


def names() -> tuple[str, ...]:
    return FOLDERS


def get(name: str) -> type[Provider]:
    """The provider's class. A name from an account whose carrier is no longer ours is a refusal for good."""
    if name not in FOLDERS:
        raise CarrierError(f"There is no carrier “{name}” in this version.", permanent=True)
    return import_module(f"carriers.providers.{name}.provider").PROVIDER
