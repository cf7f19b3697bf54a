"""The kinds of channels. A new one is a folder with an adapter, and a line here."""

from functools import lru_cache
from importlib import import_module

from orders.channels.base import Adapter

REGISTRY = {
    "generic": "orders.channels.generic.adapter",
}
INTERNAL = ("api", "phone", "store", "csv")  # kinds that call us or are us: nothing is told outside


@lru_cache
def adapter(kind: str) -> Adapter | None:
    """The adapter of this kind; None for internal ones."""
    return import_module(REGISTRY[kind]).Adapter() if kind in REGISTRY else None
