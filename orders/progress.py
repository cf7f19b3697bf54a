"""Counters of order lines, and the states derived from them. Call with the order's row locked.

Fulfilment state, the first that fits: nothing kept → cancelled · all kept units delivered → delivered · all shipped →
shipped, or partly delivered · some shipped → partly shipped · some picked → in progress · all open units allocated →
allocated · some → partly allocated · some backordered → backordered · else unallocated.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone

from oms.common.actors import Actor
from oms.common.errors import Refused
from orders.models import Hold, Order, OrderLine
from orders.statuses import FulfillmentState, HoldState, PaymentState, ReturnState

Units = Mapping[int, int]  # order line id → units, negative to take back


class CountersRefused(Refused):
    code = "counters_refused"


def record_allocated(order: Order, units: Units, *, by: Any) -> None:
    _count(order, units, by, allocated=1)


def record_released(order: Order, units: Units, *, by: Any) -> None:
    """Promises taken back; picked units are put back first."""
    _count(order, units, by, allocated=-1)


def record_backordered(order: Order, units: Units, *, by: Any) -> None:
    _count(order, units, by, backordered=1)


def record_picked(order: Order, units: Units, *, by: Any) -> None:
    _count(order, units, by, picked=1)


def record_packed(order: Order, units: Units, *, by: Any) -> None:
    _count(order, units, by, packed=1)


def record_shipped(order: Order, units: Units, *, by: Any) -> None:
    """Packed units leave: they are no longer work, and no longer allocated."""
    _count(order, units, by, allocated=-1, picked=-1, packed=-1, shipped=1)


def record_delivered(order: Order, units: Units, *, by: Any) -> None:
    _count(order, units, by, delivered=1)


def record_cancelled(order: Order, units: Units, *, by: Any) -> None:
    """Units that nobody promises any more: released or taken out of the queue by the caller before."""
    _count(order, units, by, cancelled=1)


def record_return_authorised(order: Order, units: Units, *, by: Any) -> None:
    _count(order, units, by, return_authorised=1)


def record_returned(order: Order, units: Units, *, by: Any) -> None:
    _count(order, units, by, returned=1)


def recompute(order: Order) -> None:
    """Derive every state of the order from its lines, holds and money, and save it."""
    lines = list(OrderLine.objects.filter(order=order))
    now = timezone.now()
    order.fulfillment_state = fulfillment_state(lines)
    order.payment_state = payment_state(order)
    order.return_state = return_state(lines)
    held = Hold.objects.filter(order=order, state=Hold.State.ACTIVE).exists()
    order.hold_state = HoldState.HELD if held else HoldState.NONE
    kept = sum(line.ordered - line.cancelled for line in lines)
    if kept and sum(line.shipped for line in lines) == kept:
        order.shipped_at = order.shipped_at or now
    if kept and sum(line.delivered for line in lines) == kept:
        order.delivered_at = order.delivered_at or now
    order.save(update_fields=DERIVED)


def refresh(order: Order) -> None:
    """The caller's own object, as fresh as `recompute` and the timeline need it. Call with the order's row locked."""
    order.refresh_from_db(fields=["state", "event_count", *MONEY, *DERIVED])


MONEY = ["total", "paid_total", "authorised_total", "refunded_total"]
DERIVED = ["fulfillment_state", "payment_state", "return_state", "hold_state", "shipped_at", "delivered_at"]


def fulfillment_state(lines: list[OrderLine]) -> FulfillmentState:
    kept = sum(line.ordered - line.cancelled for line in lines)
    shipped, delivered = sum(line.shipped for line in lines), sum(line.delivered for line in lines)
    allocated, left = sum(line.allocated for line in lines), kept - shipped
    if not kept:
        return FulfillmentState.CANCELLED
    if delivered == kept:
        return FulfillmentState.DELIVERED
    if shipped == kept:
        return FulfillmentState.PARTIALLY_DELIVERED if delivered else FulfillmentState.SHIPPED
    if shipped:
        return FulfillmentState.PARTIALLY_SHIPPED
    if any(line.picked for line in lines):
        return FulfillmentState.IN_PROGRESS
    if allocated == left:
        return FulfillmentState.ALLOCATED
    if allocated:
        return FulfillmentState.PARTIALLY_ALLOCATED
    if any(line.backordered for line in lines):
        return FulfillmentState.BACKORDERED
    return FulfillmentState.UNALLOCATED


def payment_state(order: Any) -> PaymentState:
    """From `total`, `paid_total`, `authorised_total` and `refunded_total`."""
    if order.refunded_total:
        whole = order.refunded_total >= order.paid_total
        return PaymentState.REFUNDED if whole else PaymentState.PARTIALLY_REFUNDED
    if order.paid_total > order.total:
        return PaymentState.OVERPAID
    if order.paid_total == order.total:
        return PaymentState.PAID
    if order.paid_total:
        return PaymentState.PARTIALLY_PAID
    return PaymentState.AUTHORISED if order.authorised_total >= order.total else PaymentState.UNPAID


def return_state(lines: list[OrderLine]) -> ReturnState:
    asked, back = sum(line.return_authorised for line in lines), sum(line.returned for line in lines)
    if not asked:
        return ReturnState.NONE
    if not back:
        return ReturnState.REQUESTED
    if back < asked:
        return ReturnState.IN_PROGRESS
    whole = back == sum(line.ordered - line.cancelled for line in lines)
    return ReturnState.RETURNED if whole else ReturnState.PARTIALLY_RETURNED


def _count(order: Order, units: Units, by: Any, **factors: int) -> None:
    Actor.of(by)
    for pk, delta in sorted(units.items()):
        if delta:
            changes = {name: F(name) + factor * delta for name, factor in factors.items()}
            if not OrderLine.objects.filter(order=order, pk=pk).update(**changes):
                raise CountersRefused(f"Line {pk} is not a line of {order}.")
    recompute(order)
