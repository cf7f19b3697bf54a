"""News inside this app, sent after commit as ids: a verb that leaves units without a place asks for one."""

from django.db import transaction
from django.dispatch import Signal

sourcing_wanted = Signal()  # order_id, trigger: units of the order have no place
job_wanted = Signal()  # kind, job_id: long work waits for a worker


def want_sourcing(order_id: int, trigger: str) -> None:
    transaction.on_commit(lambda: sourcing_wanted.send(sender=None, order_id=order_id, trigger=trigger))


def want_job(kind: str, job_id: int) -> None:
    transaction.on_commit(lambda: job_wanted.send(sender=None, kind=kind, job_id=job_id))
