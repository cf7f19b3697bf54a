"""What can be wrong with a received order. Each check looks at a Snapshot and names every problem it finds."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from oms.common import addresses
from oms.common.money import unit
from orders import promos, risk
from orders.models import Order, OrderLine, PromoUse
from orders.snapshots import Line, Snapshot
from orders.statuses import HoldType, Method, OrderState

Problem = dict[str, str]
Check = Callable[[Snapshot], list[Problem]]


def address(order: Snapshot) -> list[Problem]:
    if order.method == Method.PICKUP:
        store = order.pickup_location
        if store is None or not store.collects or not store.active:
            return [_problem("pickup_location", "Choose the store where the customer collects.")]
        return []
    if order.method == Method.DIGITAL or all(line.digital for line in order.lines):
        return []
    if order.shipping_address is None:
        return [_problem("shipping_address", "There is no address to ship to.")]
    return [_problem(f"shipping_address.{p.field}", p.message) for p in addresses.check(order.shipping_address)]


def contact(order: Snapshot) -> list[Problem]:
    to = order.shipping_address
    if not order.email and not order.phone and not (to and to.phone):
        return [_problem("email", "Add an e-mail address or a phone number.")]
    if not order.email and (order.method == Method.DIGITAL or any(line.digital for line in order.lines)):
        return [_problem("email", "Downloads are sent by mail: add an e-mail address.")]
    if not order.customer_name and order.method != Method.DIGITAL:
        return [_problem("customer_name", "The name of the receiver is missing.")]
    return []


def skus(order: Snapshot) -> list[Problem]:
    found = []
    for line in order.lines:
        if line.sku_id is None:
            found.append(_problem(f"lines.{line.id}.sku", f"“{line.sku_code}” is not in the catalogue."))
        elif not line.sku_active:
            found.append(_problem(f"lines.{line.id}.sku", f"{line.sku_code} is not for sale."))
        elif order.method == Method.DIGITAL and not line.sku_digital:
            found.append(_problem("method", f"{line.sku_code} can't be delivered by mail."))
    return found


def money(order: Snapshot) -> list[Problem]:
    """Our sum against what the channel states; tax against the channel's rates, to a smallest unit a piece."""
    found, config = [], order.channel.config
    if order.stated_total is not None and order.stated_total != order.total:
        stated, ours = order.money(order.stated_total), order.money(order.total)
        found.append(_problem("total", f"The channel says {stated}, the lines sum to {ours}."))
    if order.channel.currency and config.get("only_own_currency") and order.currency != order.channel.currency:
        found.append(_problem("currency", f"{order.channel} sells in {order.channel.currency}."))
    rates = [Decimal(str(rate)) for rate in config.get("tax_rates", [])]
    for line in order.lines:
        net = line.unit_price * line.ordered - line.discount
        if line.tax > net or (rates and not any(_fits(line, net, rate, order.currency) for rate in rates)):
            tax, worth = order.money(line.tax), order.money(net)
            found.append(_problem(f"lines.{line.id}.tax", f"{line.sku_code}: tax {tax} does not fit {worth} net."))
    return found


def payment(order: Snapshot) -> list[Problem]:
    if order.channel.config.get("payment") == "on_account":
        return []
    covered = max(order.paid_total, order.authorised_total)
    if covered >= order.total:
        return []
    return [_problem("payment", f"{order.money(order.total - covered)} of {order.money(order.total)} is not paid.")]


def promo_codes(order: Snapshot) -> list[Problem]:
    found = []
    for code in order.promo_codes:
        if PromoUse.objects.filter(order=order.id, promo__code__iexact=code, released_at=None).exists():
            continue
        verdict = promos.check(code, goods=order.goods_total, currency=order.currency, customer_id=order.customer_id)
        if verdict.problem:
            found.append(_problem("promo_codes", verdict.problem))
    return found


def duplicates(order: Snapshot) -> list[Problem]:
    if not order.has_twin:
        return []
    near = (order.placed_at - risk.DAY, order.placed_at + risk.DAY)
    others = (
        Order.objects.filter(customer=order.customer_id, total=order.total, placed_at__range=near, pk__lt=order.id)
        .exclude(state=OrderState.CANCELLED)
        .order_by("pk")
    )
    mine = sorted((line.sku_code, line.ordered) for line in order.lines)
    return [_problem("duplicate", f"Like order {other.number}.") for other in others if _contents(other) == mine]


def risks(order: Snapshot) -> list[Problem]:
    found = risk.signals_of(order, risk.active_rules())
    if sum(signal.points for signal in found) < risk.threshold():
        return []
    return [_problem("risk", f"{signal.name} ({signal.value}): {signal.points} points") for signal in found]


CHECKS: dict[str, Check] = {
    HoldType.ADDRESS: address,
    HoldType.CONTACT: contact,
    HoldType.UNKNOWN_SKU: skus,
    HoldType.PRICE: money,
    HoldType.PAYMENT: payment,
    HoldType.PROMO: promo_codes,
    HoldType.DUPLICATE: duplicates,
    HoldType.FRAUD: risks,
}


PLAIN = tuple(check for type, check in CHECKS.items() if type not in (HoldType.PROMO, HoldType.FRAUD))


def clean(order: Snapshot, rules: Sequence[risk.Rule]) -> bool:
    """Nothing is wrong with it, and nothing was: no hold was ever placed, no code is to be counted."""
    if order.was_held or order.promo_codes or any(check(order) for check in PLAIN):
        return False
    return not rules or risk.points(order, rules) < risk.threshold()


def _contents(order: Order) -> list[tuple[str, int]]:
    return sorted(OrderLine.objects.filter(order=order).values_list("sku_code", "ordered"))


def _fits(line: Line, net: Decimal, rate: Decimal, currency: str) -> bool:
    """Within one smallest unit a unit sold: shops round by piece or by line."""
    return abs(net * rate - line.tax) <= unit(currency) * max(line.ordered, 1)


def _problem(field: str, message: str) -> Problem:
    return {"field": field, "message": message}
