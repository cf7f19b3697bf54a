"""The one statement by which planned orders become confirmed and allocated, each of them whole or not at all.

Locks as everywhere: orders, then stock levels by id. What changed since it was read is told, not written.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Plan
from fulfillment.rules import keeping
from inventory import signals
from inventory.stock import promise
from oms.common import request_id, sql
from oms.common.actors import Actor
from orders import confirming
from orders.snapshots import Snapshot
from orders.statuses import FulfillmentState


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


STATEMENT = f"""
WITH told AS MATERIALIZED (
    SELECT * FROM unnest(%(orders)s::bigint[], %(events)s::int[], %(states)s::text[], %(ship_by)s::timestamptz[],
                         %(deliver_by)s::timestamptz[], %(summaries)s::text[], %(decisions)s::text[])
                  AS t(order_id, event_count, fulfillment_state, ship_by, deliver_by, summary, decision)),
{confirming.STILL},
ask AS MATERIALIZED (
    SELECT a.* FROM unnest(%(ask_orders)s::bigint[], %(ask_lines)s::bigint[], %(ask_skus)s::bigint[],
                           %(ask_locations)s::bigint[], %(ask_units)s::int[])
                    WITH ORDINALITY AS a(order_id, line_id, sku_id, location_id, units, seq)
    JOIN still s ON s.id = a.order_id),
back AS MATERIALIZED (
    SELECT b.* FROM unnest(%(back_orders)s::bigint[], %(back_lines)s::bigint[], %(back_skus)s::bigint[],
                           %(back_units)s::int[])
                    AS b(order_id, line_id, sku_id, units)),
{promise.LEVELS},
{promise.JUDGED},
good AS MATERIALIZED (
    SELECT t.* FROM told t JOIN still s ON s.id = t.order_id LEFT JOIN judged j ON j.order_id = t.order_id
    WHERE coalesce(j.fits, true) AND NOT EXISTS (
        SELECT 1 FROM ask a JOIN inventory_location p ON p.id = a.location_id
        WHERE a.order_id = t.order_id AND NOT p.active)),
decided AS (
    INSERT INTO fulfillment_sourcingdecision (order_id, trigger, summary, candidates, chosen, facts, took_ms,
                                              actor_label, at)
    SELECT g.order_id, 'confirmed', g.summary, d -> 'candidates', d -> 'chosen', d -> 'facts', 0,
           %(actor_label)s, now()
    FROM good g, LATERAL (SELECT g.decision::jsonb AS d) d RETURNING id, order_id, facts),
work AS (
    INSERT INTO fulfillment_fulfillmentorder (number, order_id, location_id, method, state, priority, ship_by,
                                              decision_id, collect_code, cancel_reason, created_at)
    SELECT 'FO-' || nextval('oms_number_fulfillment'), a.order_id, a.location_id, o.method, 'open', o.priority,
           g.ship_by, d.id, '', '', now()
    FROM (SELECT DISTINCT order_id, location_id FROM ask) a
    JOIN good g ON g.order_id = a.order_id JOIN decided d ON d.order_id = a.order_id
    JOIN orders_order o ON o.id = a.order_id
    RETURNING id, number, order_id, location_id),
worklines AS (
    INSERT INTO fulfillment_fulfillmentorderline (fulfillment_order_id, order_line_id, sku_id, quantity, picked,
                                                  packed, shipped, delivered)
    SELECT w.id, a.line_id, a.sku_id, a.units, 0, 0, 0, 0
    FROM ask a JOIN work w ON w.order_id = a.order_id AND w.location_id = a.location_id),
queued AS (
    INSERT INTO fulfillment_backorder (order_line_id, sku_id, location_id, quantity, filled, state, cause, supply,
                                       excluded_locations, created_at, queued_at)
    SELECT b.line_id, b.sku_id, o.pickup_location_id, b.units, 0, 'waiting', 'out of stock', '', '[]', now(),
           o.placed_at
    FROM back b JOIN good g ON g.order_id = b.order_id JOIN orders_order o ON o.id = b.order_id),
granted AS MATERIALIZED (
    SELECT a.sku_id, a.location_id, a.units, w.number AS reference
    FROM ask a JOIN work w ON w.order_id = a.order_id AND w.location_id = a.location_id),
{promise.COUNTED},
{promise.LEDGER},
moved AS MATERIALIZED (
    SELECT line_id, sum(allocated)::int AS allocated, sum(backordered)::int AS backordered FROM (
        SELECT a.line_id, a.units AS allocated, 0 AS backordered FROM ask a JOIN good g ON g.order_id = a.order_id
        UNION ALL
        SELECT b.line_id, 0, b.units FROM back b JOIN good g ON g.order_id = b.order_id) m GROUP BY line_id),
routed AS MATERIALIZED (
    SELECT d.order_id, coalesce(left(w.numbers, 120), '') AS subject,
           jsonb_build_object('summary', g.summary, 'trigger', 'confirmed', 'decision', d.id,
                              'placed', coalesce((SELECT sum(units) FROM ask a WHERE a.order_id = d.order_id), 0),
                              'waiting', d.facts -> 'waiting') AS particulars
    FROM decided d JOIN good g ON g.order_id = d.order_id
    LEFT JOIN (SELECT order_id, string_agg(number, ', ' ORDER BY id) AS numbers FROM work GROUP BY order_id) w
           ON w.order_id = d.order_id),
{confirming.CONFIRMED},
{confirming.LINES},
{confirming.EVENTS},
{confirming.MAILS}
SELECT t.order_id, CASE WHEN s.id IS NULL THEN 'stale' WHEN g.order_id IS NULL THEN 'short' ELSE 'done' END
FROM told t LEFT JOIN still s ON s.id = t.order_id LEFT JOIN good g ON g.order_id = t.order_id
"""  # noqa: S608  parts of one statement, all constants


def accept(planned: Sequence[Planned], *, by: Any) -> dict[int, Accepted]:
    """What became of each order. Stock's news is told after commit."""
    actor = Actor.of(by)
    answers = sql.rows(
        STATEMENT,
        _told(planned)
        | _asked(planned)
        | {
            "actor_kind": actor.kind,
            "actor_label": actor.label[:120],
            "user_id": actor.user_id,
            "request_id": request_id.current(),
        },
    )
    written = {order_id: Accepted(answer) for order_id, answer in answers}
    signals.announce({sku for one in planned for sku, _ in one.plan.units()})
    return written


def _told(planned: Sequence[Planned]) -> dict[str, list]:
    return {
        "orders": [one.order.id for one in planned],
        "events": [one.order.event_count for one in planned],
        "states": [one.state for one in planned],
        "ship_by": [one.ship_by for one in planned],
        "deliver_by": [one.deliver_by for one in planned],
        "summaries": [one.plan.summary[:240] for one in planned],
        "decisions": [_decision(one) for one in planned],
    }


def _asked(planned: Sequence[Planned]) -> dict[str, list]:
    asked = [
        (one.order.id, a.line_id, a.sku_id, a.location_id, a.quantity) for one in planned for a in one.plan.allotments
    ]
    back = [(one.order.id, s.line_id, s.sku_id, s.quantity) for one in planned for s in one.plan.shortfalls]
    names = ("ask_orders", "ask_lines", "ask_skus", "ask_locations", "ask_units")
    told = dict(zip(names, map(list, zip(*asked, strict=True)) if asked else ([] for _ in names), strict=True))
    names = ("back_orders", "back_lines", "back_skus", "back_units")
    return told | dict(zip(names, map(list, zip(*back, strict=True)) if back else ([] for _ in names), strict=True))


def _decision(one: Planned) -> str:
    return json.dumps(explained(one.plan, one.facts))


def explained(plan: Plan, facts: Facts) -> dict[str, Any]:
    """Candidates, what was chosen and from what: the JSON columns of a SourcingDecision."""
    names = {place.location_id: place for place in facts.places}
    units: dict[int, int] = {}
    for allotment in plan.allotments:
        units[allotment.location_id] = units.get(allotment.location_id, 0) + allotment.quantity
    return {
        "candidates": [candidate.as_dict() for candidate in plan.candidates],
        "chosen": [
            {"location_id": pk, "code": names[pk].code, "name": names[pk].name, "units": count}
            for pk, count in units.items()
        ],
        "facts": keeping.kept(facts, plan) | {"alternatives": [other.as_dict() for other in plan.alternatives]},
    }
