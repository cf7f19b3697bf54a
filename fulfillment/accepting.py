"""From received to allocated in one step, for one order or a thousand: checked, planned, and written by one statement.

What is not plain sailing (a problem, a hold, a download, a queue for the same goods) goes the long way, verb by verb.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from fulfillment import demand, directory, supply, writing
from fulfillment.directory import Entry
from fulfillment.routing import engine
from fulfillment.supply import Supply
from fulfillment.writing import Accepted, Planned
from oms.common.actors import SYSTEM
from orders import checks, promises, risk, snapshots, verification
from orders.snapshots import Snapshot
from orders.statuses import HoldState, Method, OrderState

TRIES = 3
AT_ONCE = 500  # orders a statement


@dataclass(frozen=True)
class Outcome:
    """How many orders were accepted in one step, and how many went the long way."""

    accepted: int
    looked_at: int


def accept(order_ids: Collection[int], *, by: Any = SYSTEM) -> Outcome:
    """Verify, confirm and allocate these orders, the oldest first. Safe to run twice: what is done is left alone."""
    ids, accepted, looked_at = list(order_ids), 0, 0
    for start in range(0, len(ids), AT_ONCE):
        done, left = _in_one_step(ids[start : start + AT_ONCE], by=by)
        for order_id in left:
            verification.verify(order_id, by=by)  # once confirmed, news of it routes the order
        accepted, looked_at = accepted + done, looked_at + len(left)
    return Outcome(accepted, looked_at)


def _in_one_step(order_ids: Collection[int], *, by: Any) -> tuple[int, list[int]]:
    """(how many were accepted, which need a closer look). Stock that moved meanwhile is planned for again."""
    done, left = 0, list(order_ids)
    for _ in range(TRIES):
        fit, others = _sort_out(snapshots.read(left))
        planned, queued = _plan(fit)
        written = writing.accept(planned, by=by) if planned else {}
        done += sum(answer is Accepted.DONE for answer in written.values())
        again = [order_id for order_id, answer in written.items() if answer is not Accepted.DONE]
        left = [*again, *others, *queued]
        if not again:
            break
    return done, left


def _sort_out(orders: Sequence[Snapshot]) -> tuple[list[Snapshot], list[int]]:
    fit, others, rules = [], [], risk.active_rules()
    for order in orders:
        if order.state != OrderState.RECEIVED or order.hold_state != HoldState.NONE:
            continue
        plain = order.method != Method.DIGITAL and not any(line.digital for line in order.lines)
        (fit if plain and order.lines and checks.clean(order, rules) else others).append(order)
    return fit, [order.id for order in others]


def _plan(orders: Sequence[Snapshot]) -> tuple[list[Planned], list[int]]:
    """Plans one after the other, each taking its units off what the next one sees; those behind a queue are left."""
    if not orders:
        return [], []
    now = timezone.now()
    entries = directory.read(now)
    there = supply.read({line.sku_id for order in orders for line in order.lines}, orders=[o.id for o in orders])
    queued = {o.id for o in orders if there.queued and any(line.sku_id in there.queued for line in o.lines)}
    planned = []
    for order in orders:
        if order.id not in queued:
            planned.append(_planned(order, entries, there, now))
            there.take(planned[-1].plan.units())
    return planned, list(queued)


def _planned(order: Snapshot, entries: Sequence[Entry], there: Supply, now: datetime) -> Planned:
    ship_by, deliver_by = _promised(order, now)
    facts = demand.facts_of(order, entries, there.stock, there.short, there.rules, ship_by=ship_by)
    return Planned(order, facts, engine.plan(facts), ship_by, deliver_by)


def _promised(order: Snapshot, now: datetime) -> tuple[datetime, datetime | None]:
    return promises.made(
        method=order.method,
        service_level=order.service_level,
        config=order.channel.config,
        ship_by=order.promised_ship_by,
        deliver_by=order.promised_deliver_by,
        now=now,
    )
