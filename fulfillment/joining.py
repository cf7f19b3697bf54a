"""An order whose work is open at several places: its parts meet after all, where rules allow it and it pays.

What was filled in pieces from arriving stock or sourced again was decided one piece at a time.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from fulfillment import allocation, demand, meeting, parts, planning
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, SourcingRule
from fulfillment.routing.consolidation import Consolidation
from fulfillment.routing.facts import Facts, Want
from fulfillment.routing.plan import Allotment, Plan
from fulfillment.rules import keeping, terms
from fulfillment.statuses import FulfillmentOrderState, RuleSetState
from inventory.stock import ledger
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.locking import lock, retrying
from orders import holds, progress, timeline
from orders.models import Order
from orders.statuses import Method, OrderState, Verb

TRIGGER = "parts meet"
LOOKED_AT_FOR = timedelta(minutes=10)  # after that, what is split stays split


def join_split(*, by: Any = SYSTEM) -> int:
    """The sweep: orders that were split a moment ago though a rule lets parts meet. How many are brought together."""
    fits = [Q(decision__facts__rules__contains=[key]) for key in _rules()]
    if not fits:
        return 0
    since = timezone.now() - LOOKED_AT_FOR
    fresh = _open().filter(reduce(or_, fits), created_at__gte=since).exclude(decision__trigger=TRIGGER)
    places = Counter(_open().filter(order__in=fresh.values("order")).values_list("order", flat=True))
    return sum(join(order, by=by) for order, count in sorted(places.items()) if count > 1)


def join(order_id: int, *, by: Any = SYSTEM) -> bool:
    """Work that nobody has begun and no person has placed goes to the best place to meet, if there is one."""
    order = planning.fresh(order_id)
    plan = _as_it_is(order)
    if plan.parcels < 2 or order.state != OrderState.CONFIRMED or holds.blocks(order, Verb.ALLOCATE):
        return False
    wants = tuple(Want(line, sku, units) for line, sku, units in _wanted(plan))
    facts = demand.facts_for(order, wants)
    plan = replace(plan, cost=Decimal(keeping.outcome(facts, plan)["cost"]))
    found = meeting.found(facts, plan)
    return found is not None and _commit(order_id, plan, facts, found, by=by)


@retrying
@transaction.atomic
def _commit(order_id: int, plan: Plan, facts: Facts, found: Consolidation, *, by: Any) -> bool:
    order = lock(Order.objects.filter(pk=order_id))[0]
    works = lock(_open().filter(order=order))
    if _as_it_is(order) != replace(plan, cost=Decimal(0)) or holds.blocks(order, Verb.ALLOCATE):
        return False
    ledger.lock_levels(plan.units())
    told = meeting.explained(plan, found, facts)
    decision = allocation.decide(order, told, facts, trigger=TRIGGER, meets=found, by=by)
    for mine in works:
        if mine.location_id == found.location_id:
            mine.decision = decision
            mine.save(update_fields=["decision"])
        else:
            lines = lock(FulfillmentOrderLine.objects.filter(fulfillment_order=mine))
            allocation.release(order, mine, [(line, line.quantity) for line in lines], reason=TRIGGER, by=by)
    parts.send(order, plan.allotments, found, facts, decision, by=by)
    coming = Counter()
    for one in plan.allotments:
        coming[one.line_id] += one.quantity if one.location_id != found.location_id else 0
    progress.record_backordered(order, {line: units for line, units in coming.items() if units}, by=by)
    crash_point("joining.sent")
    timeline.record(
        order,
        "order.routed",
        by=by,
        summary=told.summary,
        trigger=TRIGGER,
        decision=decision.pk,
        waiting=coming.total(),
    )
    return True


def _as_it_is(order: Order) -> Plan:
    """Where its open units are, as a plan."""
    rows = FulfillmentOrderLine.objects.filter(fulfillment_order__in=_open().filter(order=order), quantity__gt=0)
    rows = rows.order_by("fulfillment_order", "pk")
    told = rows.values_list("fulfillment_order__location", "order_line", "sku", "quantity")
    return Plan(Method.SHIP, tuple(Allotment(*row) for row in told), ())


def _open() -> QuerySet[FulfillmentOrder]:
    """Nobody has begun it, and no person has said where it should be done."""
    return FulfillmentOrder.objects.filter(state=FulfillmentOrderState.OPEN, method=Method.SHIP, pinned_by=None)


def _wanted(plan: Plan) -> list[tuple[int, int, int]]:
    found: Counter[tuple[int, int]] = Counter()
    for one in plan.allotments:
        found[one.line_id, one.sku_id] += one.quantity
    return [(line, sku, units) for (line, sku), units in found.items()]


def _rules() -> list[int]:
    """Keys of the rules in use that let parts meet."""
    rows = SourcingRule.objects.filter(rule_set__state=RuleSetState.LIVE, active=True)
    return list(rows.filter(effects__contains=[{"kind": terms.MEETS}]).values_list("key", flat=True))
