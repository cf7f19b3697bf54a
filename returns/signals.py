"""News inside this app, sent after commit as ids."""

from django.db import transaction
from django.dispatch import Signal

label_wanted = Signal()  # return_id: an authorised return needs a label


def want_label(return_id: int) -> None:
    transaction.on_commit(lambda: label_wanted.send(sender=None, return_id=return_id))
