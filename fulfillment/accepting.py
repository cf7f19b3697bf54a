"""From received to allocated in one step, for one order or a thousand: checked, planned, and written by one statement.

What is not plain sailing (a problem, a hold, a download, a queue for the same goods) goes the long way, verb by verb.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from fulfillment import demand, directory, meeting, supply, writing
from fulfillment.directory import Entry
from fulfillment.routing import engine
from fulfillment.routing.batch import plan_batch
from fulfillment.routing.facts import Facts
from fulfillment.supply import Supply
from fulfillment.writing import Accepted, Planned
from oms.common.actors import SYSTEM
from orders import checks, promises, risk, snapshots, verification
from orders.models import Order
from orders.snapshots import Snapshot
from orders.statuses import HoldState, Method, OrderState

TRIES = 3
AT_ONCE = 500  # orders a statement
TOGETHER = 100  # orders that compete and are decided together: half a second
MOST_WAITING = 5_000  # the sweep goes on with the rest
NOTHING: Mapping[tuple[int, int], int] = {}


Written = dict[int, Accepted]


@dataclass(frozen=True)
class Found:
    """Orders that can be planned at once, ids that need a closer look, and what there is for the former."""

    orders: list[Snapshot]
    others: list[int]
    there: Supply


class Asked(NamedTuple):
    facts: Facts
    ship_by: datetime
    deliver_by: datetime | None


@dataclass(frozen=True)
class Draft:
    planned: list[Planned]
    others: list[int]

    @property
    def units(self) -> Counter[tuple[int, int]]:
        """What it takes, by (SKU, location)."""
        taken: Counter[tuple[int, int]] = Counter()
        for one in self.planned:
            taken.update(one.plan.units())
        return taken


@dataclass(frozen=True)
class Outcome:
    """How many orders were accepted in one step, and how many went the long way."""

    accepted: int
    looked_at: int


def accept(order_ids: Collection[int], *, by: Any = SYSTEM) -> Outcome:
    """Verify, confirm and allocate these orders, the oldest first. Safe to run twice: what is done is left alone."""
    ids = list(order_ids)
    batches = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    overlap = len(batches) > 1 and not connection.in_atomic_block
    drafts = _written_while_the_next_is_planned(batches, by) if overlap else _one_by_one(batches, by)
    accepted = looked_at = 0
    for draft, written in drafts:
        left = [*draft.others, *(order_id for order_id, answer in written.items() if answer is not Accepted.DONE)]
        for order_id in left:
            verification.verify(order_id, by=by)  # once confirmed, news of it routes the order
        accepted, looked_at = accepted + len(written) + len(draft.others) - len(left), looked_at + len(left)
    return Outcome(accepted, looked_at)


def accept_waiting(*, by: Any = SYSTEM) -> int:
    """All received orders that no hold stops, as they are found now; how many there were."""
    rows = Order.objects.filter(state=OrderState.RECEIVED, hold_state=HoldState.NONE).order_by("placed_at", "pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_WAITING])
    accept(ids, by=by)
    return len(ids)


def _one_by_one(batches: Iterable[Sequence[int]], by: Any) -> Iterator[tuple[Draft, Written]]:
    for batch in batches:
        draft = _draft(_read(batch))
        yield draft, _write(draft, by=by)


def _written_while_the_next_is_planned(batches: Sequence[Sequence[int]], by: Any) -> Iterator[tuple[Draft, Written]]:
    """Postgres writes a batch on one core while the next one is planned on another.

    What the next one finds is read before the write begins, less what the batch in between takes; when that did not
    get all it asked for, the next one is planned anew.
    """
    with ThreadPoolExecutor(1) as writer:
        try:
            draft = _draft(_read(batches[0]))
            for following in [*batches[1:], None]:
                found = _read(following) if following else None
                writing_now = writer.submit(_write, draft, by=by)
                upcoming = _draft(found, taken=draft.units) if found else None
                written = writing_now.result()
                yield draft, written
                if following and any(answer is not Accepted.DONE for answer in written.values()):
                    upcoming = _draft(_read(following))
                draft = upcoming
        finally:
            writer.submit(lambda: connection.close()).result()  # the writer's own, not ours


def _write(draft: Draft, *, by: Any) -> Written:
    """Stock that moved since it was read is planned for again."""
    told: Written = {}
    for _ in range(TRIES):
        written = writing.accept(draft.planned, by=by) if draft.planned else {}
        told |= written
        again = [order_id for order_id, answer in written.items() if answer is not Accepted.DONE]
        if not again:
            break
        draft = _draft(_read(again))
    return told


def _read(order_ids: Sequence[int]) -> Found:
    fit, others = _sort_out(snapshots.read(order_ids))
    skus = {line.sku_id for order in fit for line in order.lines}
    there = supply.read(skus, orders=[order.id for order in fit])
    queued = {o.id for o in fit if there.queued and any(line.sku_id in there.queued for line in o.lines)}
    return Found([order for order in fit if order.id not in queued], [*others, *queued], there)


def _draft(found: Found, taken: Mapping[tuple[int, int], int] = NOTHING) -> Draft:
    """Plans one after the other, each taking its units off what the next one sees; those that compete come first."""
    now = timezone.now()
    entries = directory.read(now)
    found.there.take(taken)
    rivals = _rivals(found)
    asked = {order.id: _asked(order, entries, found.there, now) for order in rivals}
    plans = plan_batch({order.number: asked[order.id].facts for order in rivals}).plans if rivals else {}
    for plan in plans.values():
        found.there.take(plan.units())
    planned, others = [], list(found.others)
    for order in found.orders:
        one = asked.get(order.id) or _asked(order, entries, found.there, now)
        plan = plans.get(order.number) or engine.decide(one.facts)
        if meeting.found(one.facts, plan):
            others.append(order.id)
            continue
        if order.number not in plans:
            found.there.take(plan.units())
        planned.append(Planned(order, one.facts, plan, one.ship_by, one.deliver_by))
    return Draft(planned, others)


def _rivals(found: Found) -> list[Snapshot]:
    """Orders that want more of a SKU than there is, where several places hold it, and whoever shares a SKU with them:
    they are decided together, so that the older one loses nothing.
    """
    wanted: Counter[int] = Counter()
    for line in [line for order in found.orders for line in order.lines]:
        wanted[line.sku_id] += line.unallocated
    rivals = _sharing(found.orders, {sku for sku, units in wanted.items() if _is_short(sku, units, found.there)})
    return rivals[:TOGETHER] if len(rivals) > 1 else []


def _sharing(orders: Sequence[Snapshot], skus: set[int]) -> list[Snapshot]:
    """Who wants one of these SKUs, or one that such an order wants too."""
    found: list[Snapshot] = []
    while len(more := [one for one in orders if not skus.isdisjoint([line.sku_id for line in one.lines])]) > len(found):
        found, skus = more, skus.union(line.sku_id for order in more for line in order.lines)
    return found


def _is_short(sku: int, wanted: int, there: Supply) -> bool:
    held = [units for units in (stock.get(sku, 0) for stock in there.stock.values()) if units > 0]
    return len(held) > 1 and sum(held) < wanted


def _sort_out(orders: Sequence[Snapshot]) -> tuple[list[Snapshot], list[int]]:
    fit, others, rules = [], [], risk.active_rules()
    for order in orders:
        if order.state != OrderState.RECEIVED or order.hold_state != HoldState.NONE:
            continue
        plain = order.method != Method.DIGITAL and not order.holds_stock
        plain = plain and not any(line.digital for line in order.lines)
        (fit if plain and order.lines and checks.clean(order, rules) else others).append(order)
    return fit, [order.id for order in others]


def _asked(order: Snapshot, entries: Sequence[Entry], there: Supply, now: datetime) -> Asked:
    ship_by, deliver_by = promises.made(order, now)
    known = (entries, there.stock, there.short, there.rules)
    facts = demand.facts_of(order, *known, ship_by=ship_by, deliver_by=deliver_by)
    return Asked(facts, ship_by, deliver_by)
