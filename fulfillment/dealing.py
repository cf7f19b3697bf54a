"""Stock that several orders wait for is dealt out: plans for all of them together, each committed under its own lock.

Oldest first, unless rules let an order wait (`routing/batch.py`). What moved in between is planned anew, and whatever a
worker leaves behind still waits: it is found by the next hint, or by the sweep.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fulfillment import allocation, competing, planning
from fulfillment.allocation import Committed, Stale
from fulfillment.competing import Competing
from fulfillment.routing import engine
from fulfillment.routing.batch import plan_batch
from fulfillment.routing.plan import Plan
from inventory import stock
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.locking import retrying
from orders.models import Order
from orders.snapshots import Snapshot

FILLED, TOGETHER = "backorder filled", "decided together"
TRIES = 8


def deal(sku_ids: Collection[int], *, before: Order | None = None, by: Any = SYSTEM) -> Iterator[Committed]:
    """What is there of the SKUs goes to those who wait; an answer an order that got some of it.

    `before` stops at that order's place in line. An order that can't use this stock lets the next one pass.
    """
    seen: set[int] = set()
    while (found := competing.read(sku_ids, before=before, without=seen)).orders:
        seen |= {order.id for order in found.orders}
        yield from _decide(found, sku_ids, by=by)


def plans(found: Competing) -> Mapping[int, Plan]:
    """One alone is decided exactly and in full words; several together."""
    if len(found.orders) == 1:
        return {pk: engine.plan(facts) for pk, facts in found.facts.items()}
    batch = plan_batch(found.named()).plans
    return {order.id: batch[order.number] for order in found.orders}


def _decide(found: Competing, sku_ids: Collection[int], *, by: Any) -> Iterator[Committed]:
    """Committed by age; at the first that does not fit any more it and all younger ones are planned anew."""
    wanted = [order.id for order in found.orders]
    for _ in range(TRIES):
        decided, done = plans(found), 0
        for order in found.orders:
            committed = _commit(order, decided[order.id], found, by=by)
            if committed is None:
                break
            done += 1
            if committed.placed:
                yield committed
        wanted = wanted[done:]
        if not wanted:
            return
        found = competing.again(wanted)
        wanted = [order.id for order in found.orders]
    for order_id in wanted:
        yield planning.source(order_id, competing.wants_of, trigger=FILLED, from_backorder=True, by=by)


def _commit(order: Snapshot, plan: Plan, found: Competing, *, by: Any) -> Committed | None:
    """None when stock or the order is not as it was planned."""
    if not plan.allotments:
        return planning.NOTHING
    trigger = TOGETHER if len(found.orders) > 1 else FILLED
    try:
        committed = retrying(allocation.commit)(
            order.id, plan, found.facts[order.id], trigger=trigger, from_backorder=True, by=by
        )
    except (Stale, stock.Short):
        return None
    crash_point("dealing.one_done")
    return committed
