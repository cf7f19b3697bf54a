"""Effects outside the house: posted in the transaction of their fact, delivered later at least once, never lost.

Truth is the row; a Celery message only says "look now". Leases use the database's clock and a token, so two sweepers,
a late worker or a wrong clock do no harm. Handlers run outside any transaction of ours.
"""

from oms.common import tasks
from oms.common.outbox.delivering import LEASE, deliver, drain, pause
from oms.common.outbox.handling import HANDLERS, Handler, Later, Permanent, handler
from oms.common.outbox.posting import (
    UNDELIVERED,
    NotDead,
    State,
    forget_delivered,
    oldest_waiting_seconds,
    post,
    try_again,
)

__all__ = [
    "HANDLERS",
    "LEASE",
    "UNDELIVERED",
    "Handler",
    "Later",
    "NotDead",
    "Permanent",
    "State",
    "deliver",
    "drain",
    "forget_delivered",
    "handler",
    "oldest_waiting_seconds",
    "pause",
    "post",
    "tasks",
    "try_again",
]
