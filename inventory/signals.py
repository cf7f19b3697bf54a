"""News for the floors above, sent after commit as ids. Receivers ask a worker to look, and do nothing else."""

from collections.abc import Iterable

from django.db import transaction
from django.dispatch import Signal

stock_increased = Signal()  # sku_id, location_id: there is more to promise than before
availability_changed = Signal()  # sku_ids
wished = Signal()  # somebody waits in the queue
import_started = Signal()  # run_id


def announce(changed: Iterable[int], increased: Iterable[tuple[int, int]] = ()) -> None:
    """Tell after commit. `increased` holds (sku, location) pairs that have more to promise."""
    changed, increased = sorted(set(changed)), sorted(set(increased))
    transaction.on_commit(lambda: _send(changed, increased))


def tell_wished() -> None:
    transaction.on_commit(lambda: wished.send(sender=None))


def _send(changed: list[int], increased: list[tuple[int, int]]) -> None:
    if changed:
        availability_changed.send(sender=None, sku_ids=changed)
    for sku_id, location_id in increased:
        stock_increased.send(sender=None, sku_id=sku_id, location_id=location_id)
