"""Risk as data: every rule that fires adds its points, and each is told by name. No score without reasons."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from oms.common import sql
from oms.common.errors import Invalid
from oms.common.recent import recent
from orders.models import Order, RiskRule
from orders.snapshots import Snapshot
from orders.statuses import OrderState

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fact:
    """What a rule can look at. kind: number, text or yes_no."""

    label: str
    kind: str
    of: Callable[[Snapshot], Any]


def _first_order(order: Snapshot) -> bool:
    others = Order.objects.filter(customer=order.customer_id).exclude(pk=order.id).exclude(state=OrderState.CANCELLED)
    return not order.customer_id or not others.exists()


def _orders_last_day(order: Snapshot) -> int:
    if not order.customer_id:
        return 1
    return Order.objects.filter(customer=order.customer_id, received_at__gte=timezone.now() - DAY).count()


def _countries_differ(order: Snapshot) -> bool:
    to = order.shipping_address
    return bool(to and order.billing_country and to.country != order.billing_country)


FACTS: dict[str, Fact] = {
    "total": Fact("Order total", "number", lambda order: order.total),
    "units": Fact("Units in all", "number", lambda order: sum(line.ordered for line in order.lines)),
    "country": Fact("Country", "text", lambda order: order.shipping_address.country if order.shipping_address else ""),
    "email_domain": Fact("Domain of the e-mail", "text", lambda order: order.email.rpartition("@")[2].lower()),
    "channel": Fact("Channel", "text", lambda order: order.channel.code),
    "service_level": Fact("Service level", "text", lambda order: order.service_level),
    "first_order": Fact("First order of this customer", "yes_no", _first_order),
    "orders_last_day": Fact("Orders of this customer in a day", "number", _orders_last_day),
    "countries_differ": Fact("Billed to another country", "yes_no", _countries_differ),
    "discount_share": Fact(
        "Discount in percent of the goods",
        "number",
        lambda order: 100 * order.discount_total / order.goods_total if order.goods_total else Decimal(0),
    ),
}
OPERATORS = {"gt": "is more than", "lt": "is less than", "eq": "is", "in": "is one of"}


@dataclass(frozen=True)
class Signal:
    name: str
    points: int
    value: str


class Rule(NamedTuple):
    name: str
    fact: str
    operator: str
    value: str
    points: int


ACTIVE = sql.Statement(
    "SELECT name, fact, operator, value, points FROM orders_riskrule WHERE active ORDER BY position, id"
)


@recent(1.0)
def active_rules() -> list[Rule]:
    return [Rule(*row) for row in ACTIVE.rows()]


def points(order: Snapshot, rules: Iterable[Rule]) -> int:
    return sum(signal.points for signal in signals_of(order, rules))


def signals_of(order: Snapshot, rules: Iterable[Rule]) -> list[Signal]:
    """Every rule that fires, in the order of the rules."""
    found = []
    for rule in rules:
        value = FACTS[rule.fact].of(order) if rule.fact in FACTS else None
        if value is not None and _fires(rule, value):
            found.append(Signal(rule.name, rule.points, str(value)))
    return found


def threshold() -> int:
    return settings.OMS_RISK_THRESHOLD


def check_rule(rule: RiskRule) -> None:
    """Raises Invalid for a rule that could never be asked."""
    fact = FACTS.get(rule.fact)
    if fact is None:
        raise Invalid("Choose what to look at.", field="fact")
    if fact.kind == "number" and (rule.operator == "in" or _number(rule.value) is None):
        raise Invalid("Compare it with a number.", field="value")
    if fact.kind != "number" and rule.operator in ("gt", "lt"):
        raise Invalid("This is no number: use “is” or “is one of”.", field="operator")


def _fires(rule: Rule, value: Any) -> bool:
    if isinstance(value, bool):
        return value == (rule.value.strip().lower() in ("1", "yes", "true"))
    if isinstance(value, int | Decimal):
        limit = _number(rule.value)
        return limit is not None and {"gt": value > limit, "lt": value < limit, "eq": value == limit}.get(
            rule.operator, False
        )
    wanted = [word.strip().lower() for word in rule.value.split(",")]
    return str(value).lower() in (wanted if rule.operator == "in" else wanted[:1])


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
