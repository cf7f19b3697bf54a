"""Plan without a lock, commit under it; when the world moved in between, plan again, a bounded number of times."""

import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from fulfillment import allocation, demand, meeting, waiting
from fulfillment.allocation import Committed, Stale
from fulfillment.routing import engine
from fulfillment.routing.facts import Facts, Want
from fulfillment.routing.plan import Plan
from inventory import stock
from oms.common import cases
from oms.common.locking import retrying
from orders import holds
from orders.models import Order
from orders.statuses import OrderState, Verb

TRIES = 8
NOTHING = Committed(None, [], 0, 0)


def source(
    order_id: int,
    wants_of: Callable[[Order], tuple[Want, ...]],
    *,
    trigger: str,
    from_backorder: bool = False,
    cause: str = waiting.STOCK_OUT,
    excluded: Mapping[int, str] | None = None,
    by: Any,
) -> Committed:
    """A place or a backorder for each of the units that `wants_of` names. Quiet when there are none (any more)."""
    for _ in range(TRIES):
        order = fresh(order_id)
        wants = wants_of(order)
        if not wants or order.state != OrderState.CONFIRMED or holds.blocks(order, Verb.ALLOCATE):
            return NOTHING
        plan, facts, took_ms = think(order, wants, excluded=excluded)
        meets = None if from_backorder else meeting.found(facts, plan)
        plan = meeting.explained(plan, meets, facts) if meets else plan
        try:
            return retrying(allocation.commit)(
                order_id,
                plan,
                facts,
                trigger=trigger,
                from_backorder=from_backorder,
                cause=cause,
                took_ms=took_ms,
                meets=meets,
                by=by,
            )
        except (Stale, stock.Short):
            continue
    _give_to_a_person(order, by=by)
    return NOTHING


def think(order: Order, wants: tuple[Want, ...], **limits: Any) -> tuple[Plan, Facts, Decimal]:
    """(plan, what it was made from, milliseconds the engine took)."""
    facts = demand.facts_for(order, wants, **limits)
    began = time.perf_counter()
    plan = engine.decide(facts)
    return plan, facts, Decimal(round((time.perf_counter() - began) * 1000, 3)).quantize(Decimal("0.001"))


def fresh(order_id: int) -> Order:
    return Order.objects.select_related("channel", "shipping_address", "pickup_location").get(pk=order_id)


def _give_to_a_person(order: Order, *, by: Any) -> None:
    cases.open_case(
        "routing",
        f"order:{order.number}",
        title=f"{order} could not be routed",
        detail=f"Stock moved away {TRIES} times while it was being planned. It is tried again every minute.",
        key=f"routing:{order.pk}",
        action_label="Open the order",
        action_url=f"/orders/{order.number}/",
        by=by,
    )
