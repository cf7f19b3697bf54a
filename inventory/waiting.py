"""Units that customers wait for. The floor above knows them and says how to ask; here they are only counted."""

from collections.abc import Callable, Collection, Mapping

Waiting = Mapping[tuple[int, int | None], int]  # (sku id, location id or None for anywhere) → units
Source = Callable[[Collection[int]], Waiting]
_sources: list[Source] = []


def told_by(source: Source) -> Source:
    """Register who knows. A decorator."""
    _sources.append(source)
    return source


def units(sku_ids: Collection[int]) -> dict[tuple[int, int | None], int]:
    """Waiting units by (SKU, place they can only be served from, or None)."""
    found: dict[tuple[int, int | None], int] = {}
    for source in _sources:
        for key, count in source(sku_ids).items():
            found[key] = found.get(key, 0) + count
    return found
