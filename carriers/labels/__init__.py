"""Labels: asked for in the transaction of their parcel, bought by a worker, looked up when an answer got lost."""

from carriers.labels.asking import AlreadyLabelled, OverLimit, give_up, printed, request, spent_today, void
from carriers.labels.buying import buy, resolve, settle_waiting
from carriers.labels.voiding import take_back

__all__ = [
    "AlreadyLabelled",
    "OverLimit",
    "buy",
    "give_up",
    "printed",
    "request",
    "resolve",
    "settle_waiting",
    "spent_today",
    "take_back",
    "void",
]
