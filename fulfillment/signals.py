"""News inside this app, sent after commit as ids: a verb that leaves units without a place asks for one."""

from django.db import transaction
from django.dispatch import Signal

sourcing_wanted = Signal()  # order_id, trigger: units of the order have no place


def want_sourcing(order_id: int, trigger: str) -> None:
    transaction.on_commit(lambda: sourcing_wanted.send(sender=None, order_id=order_id, trigger=trigger))
