"""News for the floors above, sent after commit as ids."""

from django.db import transaction
from django.dispatch import Signal

orders_received = Signal()  # order_ids: nobody has looked at them yet
order_confirmed = Signal()  # order_id
order_changed = Signal()  # order_id: units or money of it are not what they were
import_started = Signal()  # run_id


def tell_received(order_ids: list[int]) -> None:
    transaction.on_commit(lambda: orders_received.send(sender=None, order_ids=order_ids))


def tell_confirmed(order_id: int) -> None:
    transaction.on_commit(lambda: order_confirmed.send(sender=None, order_id=order_id))


def tell_changed(order_id: int) -> None:
    transaction.on_commit(lambda: order_changed.send(sender=None, order_id=order_id))


def tell_import_started(run_id: int) -> None:
    transaction.on_commit(lambda: import_started.send(sender=None, run_id=run_id))
