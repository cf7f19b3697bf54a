"""The one statement by which planned orders become confirmed and allocated, each of them whole or not at all.

Locks as everywhere: orders, then stock levels by id. What changed since it was read is told, not written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import DataError, connection
from pydantic_core import to_json

from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Plan
from fulfillment.rules import keeping
from inventory import signals
from inventory.stock import promise
from oms.common import request_id, sql, tasks
from oms.common.actors import Actor
from orders import confirming
from orders.snapshots import Snapshot
from orders.statuses import FulfillmentState

DIVIDED_BY_ZERO = "22012"


class Accepted(Enum):
    DONE = "done"
    STALE = "stale"  # the order is not as it was read
    SHORT = "short"  # stock is not as it was read


@dataclass(frozen=True, slots=True)
class Planned:
    order: Snapshot
    facts: Facts
    plan: Plan
    ship_by: datetime
    deliver_by: datetime | None

    @property
    def state(self) -> str:
        if not self.plan.shortfalls:
            return FulfillmentState.ALLOCATED
        return FulfillmentState.PARTIALLY_ALLOCATED if self.plan.allotments else FulfillmentState.BACKORDERED


TOLD = f"""
WITH told AS MATERIALIZED (
    SELECT t.*, d.decision, nextval('fulfillment_sourcingdecision_id_seq') AS decision_id
    FROM unnest(:orders::bigint[], :events::int[], :states::text[], :ship_by::timestamptz[],
                :deliver_by::timestamptz[], :mails::boolean[])
         WITH ORDINALITY AS t(order_id, event_count, fulfillment_state, ship_by, deliver_by, mail, seq)
    JOIN jsonb_array_elements(:decisions::jsonb) WITH ORDINALITY AS d(decision, seq) ON d.seq = t.seq),
{confirming.STILL},
ask AS MATERIALIZED (
    SELECT a.* FROM unnest(:ask_orders::bigint[], :ask_lines::bigint[], :ask_skus::bigint[],
                           :ask_locations::bigint[], :ask_units::int[], :ask_works::int[])
                    WITH ORDINALITY AS a(order_id, line_id, sku_id, location_id, units, work, seq)
    WHERE (a.order_id IN (SELECT id FROM still)) IS TRUE),"""  # noqa: S608  a part of ours put into another

WORK = """
decided AS (
    INSERT INTO fulfillment_sourcingdecision (id, order_id, trigger, summary, candidates, chosen, facts, took_ms,
                                              actor_label, at)
    SELECT decision_id, order_id, 'confirmed', decision ->> 'summary', decision -> 'candidates', decision -> 'chosen',
           decision -> 'facts', 0, :actor_label, now() FROM good),
work AS MATERIALIZED (
    SELECT w.order_id, w.location_id, w.method, w.priority, w.n, g.ship_by, g.decision_id,
           nextval('fulfillment_fulfillmentorder_id_seq') AS id,
           'FO-' || nextval('oms_number_fulfillment') AS number
    FROM unnest(:work_orders::bigint[], :work_locations::bigint[], :work_methods::text[], :work_priorities::int[])
         WITH ORDINALITY AS w(order_id, location_id, method, priority, n)
    JOIN good g ON g.order_id = w.order_id),
opened AS (
    INSERT INTO fulfillment_fulfillmentorder (id, number, order_id, location_id, method, state, priority, ship_by,
                                              decision_id, collect_code, cancel_reason, created_at)
    SELECT id, number, order_id, location_id, method, 'open', priority, ship_by, decision_id, '', '', now() FROM work),
granted AS MATERIALIZED (
    SELECT a.order_id, a.line_id, a.sku_id, a.location_id, a.units, w.id AS work_id, w.number AS reference
    FROM ask a JOIN work w ON w.n = a.work),
worklines AS (
    INSERT INTO fulfillment_fulfillmentorderline (fulfillment_order_id, order_line_id, sku_id, quantity, picked,
                                                  packed, shipped, delivered)
    SELECT work_id, line_id, sku_id, units, 0, 0, 0, 0 FROM granted),
back AS MATERIALIZED (
    SELECT b.* FROM unnest(:back_orders::bigint[], :back_lines::bigint[], :back_skus::bigint[], :back_units::int[],
                           :back_locations::bigint[], :back_placed::timestamptz[])
                    AS b(order_id, line_id, sku_id, units, location_id, placed_at)
    WHERE (b.order_id IN (SELECT order_id FROM good)) IS TRUE),
queued AS (
    INSERT INTO fulfillment_backorder (order_line_id, sku_id, location_id, quantity, filled, state, cause, supply,
                                       excluded_locations, created_at, queued_at)
    SELECT line_id, sku_id, location_id, units, 0, 'waiting', 'out of stock', '', '[]', now(), placed_at FROM back),"""

TOLD_AGAIN = f"""
moved AS MATERIALIZED (
    SELECT line_id, sum(allocated)::int AS allocated, sum(backordered)::int AS backordered FROM (
        SELECT line_id, units AS allocated, 0 AS backordered FROM granted
        UNION ALL SELECT line_id, 0, units FROM back) m GROUP BY line_id),
routed AS MATERIALIZED (
    SELECT g.order_id, g.event_count, coalesce(left(w.numbers, 120), '') AS subject,
           g.decision -> 'told' || jsonb_build_object('decision', g.decision_id) AS particulars
    FROM good g LEFT JOIN (SELECT order_id, string_agg(number, ', ' ORDER BY id) AS numbers FROM work GROUP BY order_id)
                          w ON w.order_id = g.order_id),
{confirming.CONFIRMED},
{confirming.LINES},
{confirming.EVENTS},
{confirming.MAILS}"""  # noqa: S608  parts of ours

SURE = sql.Statement(f"""{TOLD}
{promise.LEVELS},
{promise.UNFIT},
good AS MATERIALIZED (
    SELECT * FROM told WHERE (order_id IN (SELECT id FROM still)) IS TRUE
                         AND (order_id IN (SELECT order_id FROM unfit)) IS NOT TRUE),
{WORK}
{promise.counted("allocated")},
{promise.ledger("allocated")},
{TOLD_AGAIN}
SELECT order_id, CASE WHEN (order_id IN (SELECT order_id FROM good)) IS TRUE THEN 'done'
                      WHEN (order_id IN (SELECT id FROM still)) IS TRUE THEN 'short' ELSE 'stale' END FROM told
""")  # noqa: S608  parts of one statement, all constants

HOPEFUL = sql.Statement(f"""{TOLD}
good AS MATERIALIZED (SELECT * FROM told WHERE (order_id IN (SELECT id FROM still)) IS TRUE),
{WORK}
{TOLD_AGAIN}
SELECT 1 / ((SELECT count(*) FROM good) = (SELECT count(*) FROM told))::int
""")  # noqa: S608

KEPT = sql.Statement(f"""
WITH ask AS MATERIALIZED (
    SELECT a.seq, a.order_id, a.sku_id, a.location_id, a.units, w.number AS reference
    FROM unnest(:ask_orders::bigint[], :ask_skus::bigint[], :ask_locations::bigint[], :ask_units::int[])
         WITH ORDINALITY AS a(order_id, sku_id, location_id, units, seq)
    JOIN fulfillment_fulfillmentorder w ON w.order_id = a.order_id AND w.location_id = a.location_id),
{promise.LEVELS},
{promise.UNFIT},
granted AS MATERIALIZED (SELECT * FROM ask WHERE NOT EXISTS (SELECT 1 FROM unfit)),
{promise.counted("allocated")},
{promise.ledger("allocated")}
SELECT 1 / (NOT EXISTS (SELECT 1 FROM unfit))::int
""")  # noqa: S608


def accept(planned: Sequence[Planned], *, by: Any) -> dict[int, Accepted]:
    """What became of each order. Stock's news is told after commit."""
    given = values(planned, by=by)
    quick = len(planned) <= sql.FEW and not connection.in_atomic_block and _in_hope(given)
    if quick:
        written = dict.fromkeys(given["orders"], Accepted.DONE)
    else:
        answers = SURE.rows(many=len(planned) > sql.FEW, **given)
        written = {order_id: Accepted(answer) for order_id, answer in answers}
    tasks.hint_soon(tasks.drain_outbox)
    signals.announce({sku for one in planned for sku, _ in one.plan.units()})
    return written


def _in_hope(given: dict[str, Any]) -> bool:
    """A few orders, all or none: work is written first, and stock is locked for the last step alone.

    False when an order or stock is not as it was read. Nothing is written then, and `SURE` finds out for whom.
    """
    try:
        sql.together((HOPEFUL, given), (sql.CHECK_NOW, {}), (KEPT, given))
    except DataError as e:
        if getattr(e.__cause__, "sqlstate", "") != DIVIDED_BY_ZERO:
            raise
        return False
    return True


def values(planned: Sequence[Planned], *, by: Any) -> dict[str, Any]:
    """What the statement is given: plans as lists, a value a row."""
    actor = Actor.of(by)
    who = {"actor_kind": actor.kind, "actor_label": actor.label[:120], "user_id": actor.user_id}
    return _told(planned) | _asked(planned) | who | {"request_id": request_id.current()}


def _told(planned: Sequence[Planned]) -> dict[str, Any]:
    return {
        "orders": [one.order.id for one in planned],
        "events": [one.order.event_count for one in planned],
        "states": [one.state for one in planned],
        "ship_by": [one.ship_by for one in planned],
        "deliver_by": [one.deliver_by for one in planned],
        "mails": [bool(one.order.email) for one in planned],
        "decisions": to_json([_decision(one) for one in planned]).decode(),
    }


def _asked(planned: Sequence[Planned]) -> dict[str, list]:
    """Work by its place in the list; what is asked of stock names its work, and what is missing its queue."""
    works = [(one.order, location) for one in planned for location in one.plan.locations]
    place = {(order.id, location): n for n, (order, location) in enumerate(works, start=1)}
    asked = [(one.order.id, a) for one in planned for a in one.plan.allotments]
    back = [(one.order, missing) for one in planned for missing in one.plan.shortfalls]
    stores = [order.pickup_location for order, _ in back]
    return {
        "work_orders": [order.id for order, _ in works],
        "work_locations": [location for _, location in works],
        "work_methods": [order.method for order, _ in works],
        "work_priorities": [order.priority for order, _ in works],
        "ask_orders": [order for order, _ in asked],
        "ask_lines": [a.line_id for _, a in asked],
        "ask_skus": [a.sku_id for _, a in asked],
        "ask_locations": [a.location_id for _, a in asked],
        "ask_units": [a.quantity for _, a in asked],
        "ask_works": [place[order, a.location_id] for order, a in asked],
        "back_orders": [order.id for order, _ in back],
        "back_lines": [missing.line_id for _, missing in back],
        "back_skus": [missing.sku_id for _, missing in back],
        "back_units": [missing.quantity for _, missing in back],
        "back_locations": [store.id if store else None for store in stores],
        "back_placed": [order.placed_at for order, _ in back],
    }


def _decision(one: Planned) -> dict[str, Any]:
    plan = one.plan
    waiting = sum(shortfall.quantity for shortfall in plan.shortfalls)
    placed = sum(allotment.quantity for allotment in plan.allotments)
    told = {"summary": plan.summary, "trigger": "confirmed", "placed": placed, "waiting": waiting}
    return explained(plan, one.facts) | {"summary": plan.summary[:240], "told": told}


def explained(plan: Plan, facts: Facts) -> dict[str, Any]:
    """What was chosen and from what; the words only where they can't be made from it again (see `reasons`)."""
    names = {place.location_id: place for place in facts.places}
    return {
        "candidates": [candidate.as_dict() for candidate in plan.candidates],
        "chosen": [
            {"location_id": pk, "code": names[pk].code, "name": names[pk].name, "units": count}
            for pk, count in plan.by_place().items()
        ],
        "facts": keeping.kept(facts, plan)
        | ({"alternatives": [other.as_dict() for other in plan.alternatives]} if plan.candidates else {}),
    }
