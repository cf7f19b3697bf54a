"""The change set while it is being built. One open for each order, whoever began it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from fulfillment.amendments import actions
from fulfillment.amendments.actions import Action, CannotAmend
from oms.common import states
from oms.common.actors import Actor
from oms.common.locking import lock, retrying
from orders import timeline
from orders.models import Order, OrderChange, OrderChangeAction, OrderLine
from orders.statuses import CHANGE_MOVES, OPEN_STATES, ChangeState

ONCE_A_LINE = (actions.Kind.SET_QUANTITY, actions.Kind.SET_PRICE)


@retrying
@transaction.atomic
def begin(order: Order, *, by: Any) -> OrderChange:
    """The open change set of the order, or a new one over the order as it is now."""
    order = lock(Order.objects.filter(pk=order.pk))[0]
    if order.state not in OPEN_STATES:
        raise CannotAmend(f"{order} is {order.get_state_display().lower()} and can't be changed.")
    opened = OrderChange.objects.filter(order=order, state=ChangeState.EDITING).first()
    return opened or OrderChange.objects.create(
        order=order,
        base_version=order.version,
        author_id=Actor.of(by).user_id,
        author_label=Actor.of(by).label,
    )


@transaction.atomic
def put(
    change: OrderChange, kind: str, payload: Mapping[str, Any], *, line: OrderLine | None = None, by: Any
) -> OrderChangeAction:
    """Add a wish; a second one of the same kind (for the same line) replaces the first. Added lines pile up."""
    change = _editing(change)
    wish = Action(kind, dict(payload), line.pk if line else None)
    actions.check(change.order, [wish])
    same = change.actions.filter(kind=kind, line=line)
    if kind == actions.Kind.SET_KIT:
        same = same.filter(payload__kit=payload["kit"])
    if kind != actions.Kind.ADD_LINE:
        same.delete()
    return OrderChangeAction.objects.create(change=change, kind=kind, line=line, payload=dict(payload))


@transaction.atomic
def remove(action: OrderChangeAction, *, by: Any) -> None:
    _editing(action.change)
    action.delete()


@retrying
@transaction.atomic
def abandon(change: OrderChange, *, by: Any) -> OrderChange:
    """Forget it. Quiet when it is over already."""
    order = lock(Order.objects.filter(changes=change.pk))[0]
    change = lock(OrderChange.objects.filter(pk=change.pk))[0]
    if change.state == ChangeState.EDITING:
        end(change, ChangeState.ABANDONED)
        timeline.record(order, "change.abandoned", by=by, subject=f"Change {change.pk}")
    return change


def end(change: OrderChange, state: ChangeState) -> None:
    states.advance(change, state, moves=CHANGE_MOVES)
    change.decided_at = timezone.now()
    change.save()


def wishes(change: OrderChange) -> list[Action]:
    return [Action.of(row) for row in change.actions.order_by("pk")]


def _editing(change: OrderChange) -> OrderChange:
    change = lock(OrderChange.objects.filter(pk=change.pk).select_related("order"))[0]
    if change.state != ChangeState.EDITING:
        raise CannotAmend(f"This change is {change.get_state_display().lower()} already.")
    return change
