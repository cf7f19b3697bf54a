"""Money back, once: the intent is a row with a unique key under the order's lock, paid out by the outbox afterwards."""

from returns.refunds.proposing import estimate, key_of, propose, propose_cancelled
from returns.refunds.settling import fail, hand_to_a_person, settle, try_again
from returns.refunds.submitting import (
    Held,
    NothingToRefund,
    OverCeiling,
    OverLimit,
    give_back_cancelled,
    needs_a_lead,
    submit_amount,
    submit_cancelled,
    submit_return,
)

__all__ = [
    "Held",
    "NothingToRefund",
    "OverCeiling",
    "OverLimit",
    "estimate",
    "fail",
    "give_back_cancelled",
    "hand_to_a_person",
    "key_of",
    "needs_a_lead",
    "propose",
    "propose_cancelled",
    "settle",
    "submit_amount",
    "submit_cancelled",
    "submit_return",
    "try_again",
]
