"""Stop an order with a reason, and let it go again. Several holds at once; each blocks the verbs of its type."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from oms.common import states
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import lock
from orders import progress, signals, timeline
from orders.models import Hold, Order, OrderLine
from orders.statuses import HOLD_BLOCKS, HoldType, OrderState, Verb

HOLD_MOVES = {Hold.State.ACTIVE: {Hold.State.RESOLVED, Hold.State.REJECTED}}
REVIEW_AFTER = timedelta(hours=24)


class Held(Refused):
    """A hold forbids it. `facts["holds"]` are the holds."""

    code = "held"


class NotActive(Refused):
    code = "hold_not_active"


@transaction.atomic
def place(
    order: Order,
    *,
    type: str,
    reason: str,
    problems: Sequence[dict[str, str]] = (),
    review_at: datetime | None = None,
    owner: Any = None,
    line: OrderLine | None = None,
    by: Any,
) -> Hold:
    """A new hold; a second one of the same type renews the first with its newest reason and problems."""
    order = _locked(order)
    if order.state in (OrderState.CLOSED, OrderState.CANCELLED):
        raise Refused(f"{order} is {order.get_state_display().lower()}: there is nothing to hold.")
    told = {"reason": reason, "problems": list(problems)}
    hold = Hold.objects.filter(order=order, type=HoldType(type), state=Hold.State.ACTIVE, line=line).first()
    if hold and {"reason": hold.reason, "problems": hold.problems} == told:
        return hold
    actor = Actor.of(by)
    hold = hold or Hold(order=order, type=HoldType(type), line=line, placed_by_label=actor.label)
    hold.placed_by_id = actor.user_id
    hold.reason, hold.problems = told["reason"], told["problems"]
    hold.owner = owner or hold.owner
    hold.review_at = review_at or hold.review_at or timezone.now() + REVIEW_AFTER
    hold.save()
    progress.recompute(order)
    timeline.record(
        order,
        "hold.placed",
        by=by,
        subject=str(hold.get_type_display()),
        type=hold.type,
        reason=reason,
        problems=told["problems"],
        blocks=[str(Verb(verb).label) for verb in sorted(hold.blocks)],
    )
    return hold


@transaction.atomic
def resolve(hold: Hold, *, note: str = "", by: Any) -> Hold:
    """Let go. What it blocked may go on; quiet when it was released already."""
    return _end(hold, Hold.State.RESOLVED, "hold.released", note, by=by)


@transaction.atomic
def reject(hold: Hold, *, note: str = "", by: Any) -> Hold:
    """The reason was confirmed: the caller cancels or keeps the order."""
    return _end(hold, Hold.State.REJECTED, "hold.rejected", note, by=by)


@transaction.atomic
def postpone(hold: Hold, review_at: datetime, *, owner: Any = None, by: Any) -> Hold:
    """Look at it again later, or give it to somebody."""
    order = _locked(hold.order)
    hold.refresh_from_db()
    if not hold.is_active:
        raise NotActive("This hold has ended.")
    hold.review_at, hold.owner = review_at, owner or hold.owner
    hold.save(update_fields=["review_at", "owner"])
    timeline.record(
        order, "hold.postponed", by=by, subject=str(hold.get_type_display()), review_at=review_at.isoformat()
    )
    return hold


def active(order: Order) -> list[Hold]:
    return list(Hold.objects.filter(order=order, state=Hold.State.ACTIVE).order_by("pk"))


def blocks(order: Order, verb: str) -> list[Hold]:
    """The active holds that forbid the verb."""
    if not order.is_held:
        return []
    types = [type for type, verbs in HOLD_BLOCKS.items() if verb in verbs]
    return list(Hold.objects.filter(order=order, state=Hold.State.ACTIVE, type__in=types).order_by("pk"))


def blocked(verb: str) -> QuerySet:
    """Orders, by id, for which an active hold forbids the verb."""
    types = [type for type, verbs in HOLD_BLOCKS.items() if verb in verbs]
    return Hold.objects.filter(state=Hold.State.ACTIVE, type__in=types).values("order")


def require(order: Order, verb: str) -> None:
    """Raises Held, naming every hold in the way."""
    if found := blocks(order, verb):
        told = "; ".join(f"{hold.get_type_display()} ({hold.reason})" for hold in found)
        raise Held(f"{order} is on hold: {told}. Release the hold first.", holds=[hold.pk for hold in found])


def _end(hold: Hold, to: str, verb: str, note: str, *, by: Any) -> Hold:
    order = _locked(hold.order)
    hold.refresh_from_db()
    if not hold.is_active:
        return hold
    actor = Actor.of(by)
    states.advance(hold, to, moves=HOLD_MOVES)
    hold.resolution, hold.resolved_at = note, timezone.now()
    hold.resolved_by_id, hold.resolved_by_label = actor.user_id, actor.label
    hold.save()
    progress.recompute(order)
    timeline.record(order, verb, by=by, subject=str(hold.get_type_display()), type=hold.type, note=note)
    signals.tell_changed(order.pk)
    return hold


def _locked(order: Order) -> Order:
    """The caller's own object, locked and fresh, so that what the caller holds stays true."""
    lock(Order.objects.filter(pk=order.pk))
    progress.refresh(order)
    return order
