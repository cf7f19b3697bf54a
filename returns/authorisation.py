"""The beginning of a return: requested, then authorised with a label, declined, cancelled or expired."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inventory.models import Location
from oms.common import numbering, states
from oms.common.actors import SYSTEM, Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import progress, timeline
from orders.models import Order
from returns import eligibility, labels, signals
from returns.eligibility import Want
from returns.models import Return, ReturnLine
from returns.statuses import RETURN_MOVES, ReturnOrderState


class NotReturnable(Refused):
    """More is asked back than the customer has."""

    code = "not_returnable"


class PolicyForbids(Refused):
    """The return policy says no. A colleague may override it with a reason."""

    code = "policy_forbids"


@retrying
@transaction.atomic
def request(
    order: Order,
    wants: Iterable[Want],
    *,
    location: Location | None = None,
    note: str = "",
    override: str = "",
    by: Any,
) -> Return:
    """Open a return for units that were delivered; authorise it at once where policy (or `override`, a reason) allows.

    Raises NotReturnable when a line has fewer units to give back than asked.
    """
    order = lock(Order.objects.filter(pk=order.pk))[0]
    wants = [want for want in wants if want.quantity]
    _refuse_too_much(order, wants)
    verdict = eligibility.check(order, wants)
    rma = Return.objects.create(
        number=numbering.next_number("return"),
        order=order,
        policy=verdict.policy,
        verdict=verdict.as_rows(),
        override_reason=override,
        location=location or _location_for(order),
        note=note,
        requested_by=Actor.of(by).label,
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(rma=rma, order_line_id=w.line_id, reason=w.reason, comment=w.comment[:300], authorised=w.quantity)
        for w in wants
    )
    progress.record_return_authorised(order, {w.line_id: w.quantity for w in wants}, by=by)
    crash_point("return.spoken_for")
    timeline.record(order, "return.requested", by=by, subject=rma.number, lines=[_words(w) for w in wants])
    if override or (verdict.allowed and verdict.policy and verdict.policy.auto_approve):
        _authorise(rma, order, by=by)
    return rma


@retrying
@transaction.atomic
def approve(rma: Return, *, override: str = "", by: Any) -> Return:
    """Authorise a requested return. Raises PolicyForbids when the policy said no and no reason is given."""
    order, rma = _locked(rma)
    if rma.state == ReturnOrderState.AUTHORISED:
        return rma
    failed = [rule["message"] for rule in rma.verdict if not rule["passed"]]
    if failed and not override:
        raise PolicyForbids(f"The policy says no: {'; '.join(failed)}. Give a reason to override it.")
    rma.override_reason = override or rma.override_reason
    _authorise(rma, order, by=by)
    return rma


@retrying
@transaction.atomic
def decline(rma: Return, *, reason: str, by: Any) -> Return:
    order, rma = _locked(rma)
    return _end(rma, order, ReturnOrderState.DECLINED, "return.declined", reason=reason, by=by)


@retrying
@transaction.atomic
def cancel(rma: Return, *, reason: str = "", by: Any) -> Return:
    """The customer keeps it after all. Possible until the first unit arrives."""
    order, rma = _locked(rma)
    rma = _end(rma, order, ReturnOrderState.CANCELLED, "return.cancelled", reason=reason, by=by)
    labels.withdraw(rma, by=by)
    return rma


def expire_overdue() -> int:
    """Authorisations whose time ran out with nothing received. Returns how many."""
    waiting = Q(state=ReturnOrderState.AUTHORISED) | Q(state=ReturnOrderState.IN_TRANSIT)
    overdue = Return.objects.filter(waiting, expires_at__lt=timezone.now())
    ended = 0
    for rma in overdue.order_by("pk"):
        with transaction.atomic():
            order, locked = _locked(rma)
            if locked.state in (ReturnOrderState.AUTHORISED, ReturnOrderState.IN_TRANSIT):
                _end(locked, order, ReturnOrderState.EXPIRED, "return.expired", reason="", by=SYSTEM)
                ended += 1
    return ended


def _refuse_too_much(order: Order, wants: list[Want]) -> None:
    if not wants:
        raise NotReturnable("Choose at least one unit to send back.")
    lines = {line.pk: line for line in order.lines.all()}
    for want in wants:
        line = lines.get(want.line_id)
        if line is None:
            raise NotReturnable("That line belongs to another order.")
        can = eligibility.returnable(line)
        if not 0 < want.quantity <= can:
            raise NotReturnable(f"{line.sku_code}: {want.quantity} asked, {can} can come back.")


def _location_for(order: Order) -> Location:
    """Where it was shipped from, else the first warehouse."""
    shipped = order.shipments.filter(handed_over_at__isnull=False).order_by("pk").first()
    if shipped:
        return shipped.location
    return Location.objects.filter(active=True, kind=Location.Kind.WAREHOUSE).order_by("priority", "pk")[0]


def _authorise(rma: Return, order: Order, *, by: Any) -> None:
    states.advance(rma, ReturnOrderState.AUTHORISED, moves=RETURN_MOVES)
    rma.authorised_at = timezone.now()
    rma.expires_at = rma.authorised_at + timedelta(days=rma.policy.rma_valid_days if rma.policy else 21)
    rma.save()
    timeline.record(order, "return.authorised", by=by, subject=rma.number, customer_visible=True)
    progress.recompute(order)
    if rma.policy is None or rma.policy.label_included:
        signals.want_label(rma.pk)


def _end(rma: Return, order: Order, state: str, verb: str, *, reason: str, by: Any) -> Return:
    if rma.state == state:
        return rma
    states.advance(rma, state, moves=RETURN_MOVES)
    rma.decline_reason = reason
    rma.closed_at = timezone.now()
    rma.save()
    progress.record_return_authorised(order, {line.order_line_id: -line.authorised for line in rma.lines.all()}, by=by)
    timeline.record(order, verb, by=by, subject=rma.number, reason=reason)
    return rma


def _locked(rma: Return) -> tuple[Order, Return]:
    order = lock(Order.objects.filter(pk=rma.order_id))[0]
    return order, lock(Return.objects.filter(pk=rma.pk))[0]


def _words(want: Want) -> dict:
    return {"line": want.line_id, "quantity": want.quantity, "reason": want.reason}
