"""The one stored state of an order: received, confirmed, closed, cancelled."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from oms.common import cases, states
from oms.common.crash import crash_point
from oms.common.locking import lock
from orders import holds, notifications, promises, promos, signals, timeline
from orders.models import Hold, Order
from orders.statuses import ORDER_MOVES, OrderState, Verb


@transaction.atomic
def confirm(order: Order, *, by: Any) -> Order:
    """Accepted: stock may be promised. Raises Held while a hold forbids it; quiet when it is confirmed already."""
    order = _locked(order)
    if order.state == OrderState.CONFIRMED:
        return order
    holds.require(order, Verb.CONFIRM)
    _advance(order, OrderState.CONFIRMED)
    order.confirmed_at = timezone.now()
    order.promised_ship_by, order.promised_deliver_by = promises.made(order, order.confirmed_at)
    order.save()
    timeline.record(
        order,
        "order.confirmed",
        by=by,
        customer_visible=True,
        ship_by=order.promised_ship_by.isoformat() if order.promised_ship_by else "",
    )
    notifications.queue(order, "confirmed", key=f"confirmed:{order.pk}")
    signals.tell_confirmed(order.pk)
    crash_point("order.confirmed")
    return order


@transaction.atomic
def close(order: Order, *, by: Any) -> Order:
    """Nothing is left to do."""
    order = _locked(order)
    if order.state == OrderState.CLOSED:
        return order
    _advance(order, OrderState.CLOSED)
    order.closed_at = timezone.now()
    order.save()
    _end_holds(order, "Order closed", by=by)
    timeline.record(order, "order.closed", by=by)
    return order


@transaction.atomic
def reopen(order: Order, *, reason: str, by: Any) -> Order:
    """There is work again: a parcel came back, a line was added."""
    order = _locked(order)
    _advance(order, OrderState.CONFIRMED)
    order.closed_at = None
    order.save()
    timeline.record(order, "order.reopened", by=by, reason=reason)
    return order


@transaction.atomic
def mark_cancelled(order: Order, *, reason: str, by: Any) -> Order:
    """Every unit of it is cancelled: the promo code is given back, holds end. Cancelling itself is one floor higher."""
    order = _locked(order)
    if order.state == OrderState.CANCELLED:
        return order
    _advance(order, OrderState.CANCELLED)
    order.cancelled_at, order.cancel_reason = timezone.now(), reason[:40]
    order.save()
    _end_holds(order, "Order cancelled", by=by)
    promos.give_back(order)
    timeline.record(order, "order.cancelled", by=by, customer_visible=True, reason=reason)
    notifications.queue(order, "cancelled", key=f"cancelled:{order.pk}", reason=reason)
    cases.resolve_case(f"order.unverified:{order.pk}", by=by, resolution="Order cancelled")
    return order


def _end_holds(order: Order, note: str, *, by: Any) -> None:
    for hold in Hold.objects.filter(order=order, state=Hold.State.ACTIVE):
        holds.resolve(hold, note=note, by=by)
    order.refresh_from_db(fields=["hold_state", "event_count"])


def _advance(order: Order, to: str) -> None:
    states.advance(order, to, moves=ORDER_MOVES)
    order.version += 1


def _locked(order: Order) -> Order:
    lock(Order.objects.filter(pk=order.pk))
    order.refresh_from_db()
    return order
