"""Is everything about a received order as it must be? What is not becomes a hold; else it is confirmed.

Checks are asked again whenever the order changes: a hold whose check passes now is released by itself. What a person
released, knowing its problems, is not held for the same problems again.
"""

from typing import Any

from django.db import transaction

from oms.common.actors import SYSTEM
from oms.common.locking import lock, retrying
from orders import checks, holds, lifecycle, progress, promos, snapshots
from orders.checks import Problem
from orders.models import Hold, Order
from orders.snapshots import Snapshot
from orders.statuses import HoldType, OrderState, Verb

REASONS = {
    HoldType.ADDRESS: "The address is not complete or does not exist",
    HoldType.CONTACT: "There is no way to reach the customer",
    HoldType.UNKNOWN_SKU: "A code is not in the catalogue",
    HoldType.PRICE: "The money does not add up",
    HoldType.PAYMENT: "It is not paid",
    HoldType.PROMO: "A promo code can't be used",
    HoldType.DUPLICATE: "The same customer ordered the same before",
    HoldType.FRAUD: "Risk rules reached their limit",
}


@retrying
@transaction.atomic
def verify(order_id: int, *, by: Any = SYSTEM) -> Order:
    """Ask every check, place or release holds, confirm when nothing is in the way. Safe to run again at any time."""
    order = lock(Order.objects.filter(pk=order_id))[0]
    if order.state != OrderState.RECEIVED:
        return order
    told = snapshots.read([order_id])[0]
    for type, check in checks.CHECKS.items():
        _judge(order, type, check(told), by=by)
    progress.recompute(order)
    if not holds.blocks(order, Verb.CONFIRM):
        _redeem(order, told, by=by)
    if not holds.blocks(order, Verb.CONFIRM):
        lifecycle.confirm(order, by=by)
    order.refresh_from_db()
    return order


recheck = verify  # what a page calls after somebody fixed something


def _judge(order: Order, type: str, problems: list[Problem], *, by: Any) -> None:
    newest = Hold.objects.filter(order=order, type=type, line=None).order_by("-pk").first()
    if problems:
        accepted = newest and newest.state == Hold.State.RESOLVED and newest.resolved_by_id
        if not (accepted and newest.problems == problems):
            holds.place(order, type=type, reason=REASONS[HoldType(type)], problems=problems, by=by)
    elif newest and newest.is_active:
        holds.resolve(newest, note="Nothing is wrong any more", by=SYSTEM)  # nobody has accepted the problems


def _redeem(order: Order, told: Snapshot, *, by: Any) -> None:
    """Count the codes under their locks; one that was used up meanwhile holds the order."""
    found = [promos.redeem(order, code, order.discount_total) for code in told.promo_codes]
    problems: list[Problem] = [{"field": "promo_codes", "message": problem} for problem in found if problem]
    if problems:
        accepted = Hold.objects.filter(order=order, type=HoldType.PROMO, state=Hold.State.RESOLVED)
        if not any(hold.problems == problems and hold.resolved_by_id for hold in accepted):
            holds.place(order, type=HoldType.PROMO, reason=REASONS[HoldType.PROMO], problems=problems, by=by)
