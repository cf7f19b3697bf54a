"""Stock that several orders wait for is dealt out: plans for all of them together, each committed under its own lock.

Oldest first, unless rules let an order wait (`routing/batch.py`). What moved in between is planned anew, and whatever a
worker leaves behind still waits: it is found by the next hint, or by the sweep.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import transaction

from fulfillment import allocation, competing, planning
from fulfillment.allocation import Committed, Stale
from fulfillment.competing import Competing
from fulfillment.routing import engine
from fulfillment.routing.batch import plan_batch
from fulfillment.routing.plan import Plan
from inventory import stock
from oms.common.crash import crash_point
from oms.common.locking import retrying
from orders.models import Order
from orders.snapshots import Snapshot

FILLED, TOGETHER = "backorder filled", "decided together"
TRIES = 8
Telling = Callable[[Snapshot, Committed], None]


def deal(
    sku_ids: Collection[int], *, before: Order | None = None, told: Telling = lambda order, committed: None, by: Any
) -> int:
    """What is there of the SKUs goes to those who wait; the number of units. Who can't use it lets others pass.

    `before` stops at that order's place in line. `told` hears of each order that got some, in the same transaction.
    """
    seen, dealt = set(), 0
    while (found := competing.read(sku_ids, before=before, without=seen)).orders:
        seen |= {order.id for order in found.orders}
        dealt += _decide(found, told, by=by)
    return dealt


def plans(found: Competing) -> Mapping[int, Plan]:
    """One alone is decided exactly and in full words; several together."""
    if len(found.orders) == 1:
        return {pk: engine.plan(facts) for pk, facts in found.facts.items()}
    batch = plan_batch(found.named()).plans
    return {order.id: batch[order.number] for order in found.orders}


def _decide(found: Competing, told: Telling, *, by: Any) -> int:
    """Committed by age; at the first that does not fit any more it and all younger ones are planned anew."""
    dealt = 0
    for _ in range(TRIES):
        decided, left = plans(found), [order.id for order in found.orders]
        try:
            for order in found.orders:
                dealt += _commit(order, decided[order.id], found, told, by=by)
                left.remove(order.id)
        except (Stale, stock.Short):
            found = competing.again(left)
        else:
            return dealt
    for order in found.orders:
        dealt += planning.source(order.id, competing.wants_of, trigger=FILLED, from_backorder=True, by=by).placed
    return dealt


@retrying
def _commit(order: Snapshot, plan: Plan, found: Competing, told: Telling, *, by: Any) -> int:
    """Raises Stale or Short when the order or stock is not as it was planned."""
    if not plan.allotments:
        return 0
    trigger = TOGETHER if len(found.orders) > 1 else FILLED
    with transaction.atomic():
        facts = found.facts[order.id]
        committed = allocation.commit(order.id, plan, facts, trigger=trigger, from_backorder=True, by=by)
        told(order, committed)
    crash_point("dealing.one_done")
    return committed.placed
