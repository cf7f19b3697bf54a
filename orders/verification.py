"""Is everything about a received order as it must be? What is not becomes a hold; else it is confirmed.

Checks are asked again whenever the order changes: a hold whose check passes now is released by itself. What a person
released, knowing its problems, is not held for the same problems again.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from oms.common import addresses
from oms.common.actors import SYSTEM
from oms.common.locking import lock, retrying
from oms.common.money import unit
from orders import holds, lifecycle, progress, promos, risk
from orders.models import Hold, Order, OrderEvent, OrderLine
from orders.statuses import HoldType, Method, OrderState, Verb

Problem = dict[str, str]
SAME_ORDER_WITHIN = timedelta(hours=24)
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
    for type, check in CHECKS.items():
        _judge(order, type, check(order), by=by)
    progress.recompute(order)
    if not holds.blocks(order, Verb.CONFIRM):
        _redeem(order, by=by)
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


def check_address(order: Order) -> list[Problem]:
    if order.method == Method.PICKUP:
        store = order.pickup_location
        if store is None or not store.collects or not store.active:
            return [_problem("pickup_location", "Choose the store where the customer collects.")]
        return []
    if order.method == Method.DIGITAL or all(line.digital for line in order.lines.all()):
        return []
    if order.shipping_address is None:
        return [_problem("shipping_address", "There is no address to ship to.")]
    found = addresses.check(order.shipping_address.as_dataclass())
    return [_problem(f"shipping_address.{p.field}", p.message) for p in found]


def check_contact(order: Order) -> list[Problem]:
    if not order.email and not order.phone and not (order.shipping_address and order.shipping_address.phone):
        return [_problem("email", "Add an e-mail address or a phone number.")]
    if not order.email and (order.method == Method.DIGITAL or any(line.digital for line in order.lines.all())):
        return [_problem("email", "Downloads are sent by mail: add an e-mail address.")]
    if not order.customer_name and order.method != Method.DIGITAL:
        return [_problem("customer_name", "The name of the receiver is missing.")]
    return []


def check_skus(order: Order) -> list[Problem]:
    found = []
    for line in _lines(order):
        if line.sku is None:
            found.append(_problem(f"lines.{line.pk}.sku", f"“{line.sku_code}” is not in the catalogue."))
        elif not line.sku.active:
            found.append(_problem(f"lines.{line.pk}.sku", f"{line.sku_code} is not for sale."))
        elif order.method == Method.DIGITAL and not line.sku.digital:
            found.append(_problem("method", f"{line.sku_code} can't be delivered by mail."))
    return found


def check_money(order: Order) -> list[Problem]:
    """Our sum against what the channel states; tax against the channel's rates, to a smallest unit a piece."""
    found = []
    stated = _received(order).get("stated_total")
    if stated is not None and Decimal(stated) != order.total:
        found.append(
            _problem(
                "total",
                f"The channel says {order.money(Decimal(stated))}, the lines sum to {order.money(order.total)}.",
            )
        )
    if (
        order.channel.currency
        and order.channel.config.get("only_own_currency")
        and (order.currency != order.channel.currency)
    ):
        found.append(_problem("currency", f"{order.channel} sells in {order.channel.currency}."))
    rates = [Decimal(str(rate)) for rate in order.channel.config.get("tax_rates", [])]
    for line in _lines(order):
        net = line.unit_price * line.ordered - line.discount
        if line.tax > net or (rates and not any(_fits(line, net, rate, order.currency) for rate in rates)):
            tax, worth = order.money(line.tax), order.money(net)
            found.append(_problem(f"lines.{line.pk}.tax", f"{line.sku_code}: tax {tax} does not fit {worth} net."))
    return found


def check_payment(order: Order) -> list[Problem]:
    if order.channel.config.get("payment") == "on_account":
        return []
    covered = max(order.paid_total, order.authorised_total)
    if covered >= order.total:
        return []
    return [_problem("payment", f"{order.money(order.total - covered)} of {order.money(order.total)} is not paid.")]


def check_promos(order: Order) -> list[Problem]:
    found = []
    for code in promo_codes(order):
        if order.promo_uses.filter(promo__code__iexact=code, released_at=None).exists():
            continue
        verdict = promos.check(code, goods=order.goods_total, currency=order.currency, customer_id=order.customer_id)
        if verdict.problem:
            found.append(_problem("promo_codes", verdict.problem))
    return found


def check_duplicates(order: Order) -> list[Problem]:
    if not order.customer_id:
        return []
    near = (order.placed_at - SAME_ORDER_WITHIN, order.placed_at + SAME_ORDER_WITHIN)
    others = (
        Order.objects.filter(customer=order.customer_id, total=order.total, placed_at__range=near, pk__lt=order.pk)
        .exclude(state=OrderState.CANCELLED)
        .order_by("pk")
    )
    mine = _contents(order)
    return [_problem("duplicate", f"Like order {other.number}.") for other in others if _contents(other) == mine]


def check_risk(order: Order) -> list[Problem]:
    found = risk.signals_of(order)
    score = sum(signal.points for signal in found)
    if score < risk.threshold():
        return []
    return [_problem("risk", f"{signal.name} ({signal.value}): {signal.points} points") for signal in found]


CHECKS: dict[str, Callable[[Order], list[Problem]]] = {
    HoldType.ADDRESS: check_address,
    HoldType.CONTACT: check_contact,
    HoldType.UNKNOWN_SKU: check_skus,
    HoldType.PRICE: check_money,
    HoldType.PAYMENT: check_payment,
    HoldType.PROMO: check_promos,
    HoldType.DUPLICATE: check_duplicates,
    HoldType.FRAUD: check_risk,
}


def promo_codes(order: Order) -> list[str]:
    return list(_received(order).get("promo_codes") or [])


def _redeem(order: Order, *, by: Any) -> None:
    """Count the codes under their locks; one that was used up meanwhile holds the order."""
    problems = []
    for code in promo_codes(order):
        if problem := promos.redeem(order, code, order.discount_total):
            problems.append(_problem("promo_codes", problem))
    if problems:
        accepted = Hold.objects.filter(order=order, type=HoldType.PROMO, state=Hold.State.RESOLVED)
        if not any(hold.problems == problems and hold.resolved_by_id for hold in accepted):
            holds.place(order, type=HoldType.PROMO, reason=REASONS[HoldType.PROMO], problems=problems, by=by)


def _received(order: Order) -> dict[str, Any]:
    event = OrderEvent.objects.filter(order=order, verb="order.received").order_by("seq").first()
    return event.particulars if event else {}


def _lines(order: Order) -> list[OrderLine]:
    return list(order.lines.select_related("sku").order_by("position"))


def _contents(order: Order) -> list[tuple[str, int]]:
    return sorted(order.lines.values_list("sku_code", "ordered"))


def _fits(line: OrderLine, net: Decimal, rate: Decimal, currency: str) -> bool:
    """Within one smallest unit a unit sold: shops round by piece or by line."""
    return abs(net * rate - line.tax) <= unit(currency) * max(line.ordered, 1)


def _problem(field: str, message: str) -> Problem:
    return {"field": field, "message": message}
