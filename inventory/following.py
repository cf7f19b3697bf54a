"""Who follows a transfer: the floor above knows whose goods ride on it. It is asked to lock them and told the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.models import Transfer


@dataclass(frozen=True)
class Follower:
    """`lock` comes before the transfer is locked; `ended` hears in the same transaction what came, by SKU id."""

    lock: Callable[[int], object]
    ended: Callable[[Transfer, Mapping[int, int], Any], object]


_followers: list[Follower] = []


def told_by(follower: Follower) -> None:
    """Register who wants to know."""
    _followers.append(follower)


def lock(transfer_id: int) -> None:
    for follower in _followers:
        follower.lock(transfer_id)


def ended(transfer: Transfer, units: Mapping[int, int], *, by: Any) -> None:
    """It arrived with so much, or was cancelled with nothing."""
    for follower in _followers:
        follower.ended(transfer, units, by)
