"""Store pickup: ready with a code by mail, handed over the counter for that code, or given up when nobody comes."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from fulfillment import interception, leaving, papers, unpacking, work
from fulfillment.models import FulfillmentOrder, Shipment
from fulfillment.statuses import FULFILLMENT_MOVES, FulfillmentOrderState, ShipmentState
from inventory.models import Location
from oms.common import states
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import holds, notifications, progress, signals, timeline
from orders.models import Order
from orders.statuses import Verb

KEPT_FOR = timedelta(days=7)
NOT_COLLECTED = "not collected in time"
State = FulfillmentOrderState


class WrongCode(Refused):
    """No order waits here for this code."""

    code = "wrong_code"
    status = 422


@retrying
@transaction.atomic
def ready(fulfillment_order: FulfillmentOrder, *, by: Any) -> FulfillmentOrder:
    """It lies at the counter: the customer gets the collect code by mail and a week to come. Quiet the second time."""
    order, mine = work.locked(fulfillment_order)
    if mine.state == State.READY_FOR_PICKUP:
        return mine
    states.advance(mine, State.READY_FOR_PICKUP, moves=FULFILLMENT_MOVES)
    mine.ready_at = timezone.now()
    mine.collect_until = mine.ready_at + KEPT_FOR
    _give_code(mine)
    timeline.record(
        order,
        "pickup.ready",
        by=by,
        subject=mine.number,
        customer_visible=True,
        location=mine.location.name,
        until=mine.collect_until.isoformat(),
    )
    notifications.queue(
        order,
        "pickup_ready",
        key=f"pickup_ready:{mine.pk}",
        code=mine.collect_code,
        location=mine.location.name,
        address=str(mine.location.address),
        until=timezone.localtime(mine.collect_until, mine.location.zone),
    )
    return mine


def find(location: Location, code: str) -> FulfillmentOrder:
    """What waits at this counter for the code a customer shows. Raises WrongCode."""
    code = "".join(code.split())
    rows = FulfillmentOrder.objects.filter(location=location, state=State.READY_FOR_PICKUP)
    found = rows.filter(collect_code=code).select_related("order").first() if code else None
    if found is None:
        raise WrongCode(f"No order waits here for the code {code or '—'}.")
    return found


@retrying
@transaction.atomic
def collect(fulfillment_order: FulfillmentOrder, code: str, *, by: Any) -> FulfillmentOrder:
    """The customer showed the code and takes it: stock drops, the order is delivered, the invoice issued."""
    order, mine = work.locked(fulfillment_order)
    if mine.state == State.COMPLETED and mine.collect_code == "".join(code.split()):
        return mine
    if mine.state != State.READY_FOR_PICKUP or mine.collect_code != "".join(code.split()):
        raise WrongCode
    holds.require(order, Verb.SHIP)
    interception.refuse_open(mine)
    shipment = lock(Shipment.objects.filter(fulfillment_order=mine, state=ShipmentState.SEALED))[0]
    gone = leaving.leave(order, mine, shipment, by=by)
    for line, units in gone:
        line.delivered += units
        line.save(update_fields=["delivered"])
    shipment.delivered_at = timezone.now()
    shipment.save(update_fields=["delivered_at"])
    shipment.parcels.update(delivered_at=shipment.delivered_at)
    progress.record_delivered(order, work.by_order_line(gone), by=by)
    papers.invoice(order, shipment, by=by)
    timeline.record(
        order,
        "pickup.collected",
        by=by,
        subject=mine.number,
        customer_visible=True,
        location=mine.location.name,
    )
    papers.announce(order, shipment)
    notifications.queue(order, "delivered", key=f"delivered:{shipment.pk}", location=mine.location.name)
    work.settle_order(order, by=by)
    return mine


def expire(*, by: Any = SYSTEM) -> int:
    """Everything whose time at the counter is over: back to stock, cancelled, the customer told. How many."""
    over = FulfillmentOrder.objects.filter(state=State.READY_FOR_PICKUP, collect_until__lt=timezone.now())
    return sum(_expire(one, by=by) for one in over.order_by("pk"))


@retrying
@transaction.atomic
def extend(fulfillment_order: FulfillmentOrder, days: int, *, by: Any) -> FulfillmentOrder:
    """The customer asked for more time."""
    order, mine = work.locked(fulfillment_order)
    if mine.state != State.READY_FOR_PICKUP:
        raise work.NotNow(f"{mine} does not wait at a counter.")
    before = mine.collect_until
    mine.collect_until = max(timezone.now(), before) + timedelta(days=days)
    mine.save(update_fields=["collect_until"])
    timeline.record(
        order,
        "pickup.extended",
        by=by,
        subject=mine.number,
        before={"until": before.isoformat()},
        after={"until": mine.collect_until.isoformat()},
    )
    return mine


@retrying
@transaction.atomic
def _expire(fulfillment_order: FulfillmentOrder, *, by: Any) -> bool:
    order, mine = work.locked(fulfillment_order)
    if mine.state != State.READY_FOR_PICKUP or mine.collect_until >= timezone.now():
        return False
    unpacking.unpack(order, mine, reason=NOT_COLLECTED, by=by)
    units = _back_to_stock(order, mine, by=by)
    timeline.record(
        order, "pickup.expired", by=by, subject=mine.number, customer_visible=True, location=mine.location.name
    )
    papers.announce_cancelled(order, units, reason=NOT_COLLECTED, by=by)
    notifications.queue(order, "pickup_expired", key=f"pickup_expired:{mine.pk}", location=mine.location.name)
    work.settle_order(order, reason=NOT_COLLECTED, by=by)
    signals.tell_changed(order.pk)
    return True


def _back_to_stock(order: Order, mine: FulfillmentOrder, *, by: Any) -> dict[int, int]:
    """Units that were asked for already are put back with the rest: the question is answered by that."""
    for intercept in interception.open_for(mine):
        interception.answered(intercept, by=by)
    lines = work.lines_of(mine)
    work.lock_stock(lines, mine.location_id)
    back = [(line, line.picked - line.shipped) for line in lines if line.picked > line.shipped]
    for line, units in back:
        interception.put_back(order, mine, line, units, reason=NOT_COLLECTED, by=by)
    return work.by_order_line(back)


def _give_code(mine: FulfillmentOrder) -> None:
    """Six digits, none of them twice at one counter."""
    for _ in range(20):
        mine.collect_code = f"{secrets.randbelow(1_000_000):06d}"
        try:
            with transaction.atomic():
                mine.save()
        except IntegrityError:
            continue
        return
    raise RuntimeError(f"no free collect code at {mine.location}")
