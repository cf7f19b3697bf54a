"""Promise units to orders, take promises back, and let promised units leave."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from inventory.statuses import BinKind, MovementKind
from inventory.stock import lotting
from inventory.stock.ledger import Change, Key, Level, Short, Shortfall, StockRefused, lock_levels, service_bins, write


@transaction.atomic
def allocate(wants: Mapping[Key, int], *, reference: str, by: Any, partial: bool = False) -> dict[Key, int]:
    """Promise the wanted units; gives what was granted by key.

    With `partial` as many as there are; without it all or nothing: raises Short, which lists every shortfall.
    """
    wants = {key: units for key, units in wants.items() if units > 0}
    levels = lock_levels(wants)
    granted = {key: min(units, _promisable(levels.get(key))) for key, units in wants.items()}
    if not partial and granted != wants:
        raise Short(
            [
                Shortfall(*key, units, levels[key].available if key in levels else 0)
                for key, units in wants.items()
                if granted[key] < units
            ]
        )
    granted = {key: units for key, units in granted.items() if units}
    write(
        [Change(levels[key], MovementKind.ALLOCATED, allocated=units) for key, units in granted.items()],
        reference=reference,
        by=by,
    )
    return granted


@transaction.atomic
def release(units: Mapping[Key, int], *, reference: str, by: Any) -> None:
    """Take promises back: the units can be promised to somebody else. They must not be picked."""
    units = {key: n for key, n in units.items() if n > 0}
    levels = _all_of(units)
    for key, n in units.items():
        if levels[key].allocated < n:
            raise StockRefused(f"Only {levels[key].allocated} of these {n} units are allocated.")
    write(
        [Change(levels[key], MovementKind.RELEASED, allocated=-n) for key, n in units.items()],
        reference=reference,
        by=by,
    )


@transaction.atomic
def ship(units: Mapping[Key, int], *, reference: str, by: Any) -> None:
    """Picked units leave the house: off the staging bin, off hand, off allocated."""
    units = {key: n for key, n in units.items() if n > 0}
    levels = _all_of(units)
    staging = service_bins({location for _, location in units}, BinKind.STAGING)
    lots = lotting.leaving(units, staging, reference)
    write(
        [
            Change(
                levels[key],
                MovementKind.SHIPPED,
                on_hand=-n,
                allocated=-n,
                quantity=n,
                from_bin=staging[key[1]],
                lot=lot,
            )
            for key, total in units.items()
            for lot, n in lots.get(key) or [(None, total)]
        ],
        reference=reference,
        by=by,
    )


def _promisable(level: Level | None) -> int:
    return max(level.available, 0) if level else 0


def _all_of(units: Mapping[Key, int]) -> dict[Key, Level]:
    levels = lock_levels(units)
    missing = set(units) - set(levels)
    if missing:
        raise StockRefused("This SKU was never kept at this location.")
    return levels
