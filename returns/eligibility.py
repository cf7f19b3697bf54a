"""May this come back, and on what terms: the policy in force when the order was placed, asked rule by rule."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase

from django.db.models import Q
from django.utils import timezone

from orders.models import Order, OrderLine
from returns.models import ReturnPolicy


@dataclass(frozen=True)
class Want:
    """Units of one order line that the customer wants to send back."""

    line_id: int
    quantity: int
    reason: str
    comment: str = ""


@dataclass(frozen=True)
class Rule:
    name: str
    passed: bool
    message: str


@dataclass(frozen=True)
class Verdict:
    policy: ReturnPolicy | None
    rules: tuple[Rule, ...]
    fee: Decimal

    @property
    def allowed(self) -> bool:
        return all(rule.passed for rule in self.rules)

    def as_rows(self) -> list[dict]:
        return [asdict(rule) for rule in self.rules]


def policy_for(order: Order) -> ReturnPolicy | None:
    """The first policy by position that was in force when the order was placed and covers its country."""
    country = order.shipping_address.country if order.shipping_address_id else ""
    in_force = ReturnPolicy.objects.filter(valid_from__lte=order.placed_at).filter(
        Q(valid_until=None) | Q(valid_until__gt=order.placed_at)
    )
    covers = Q(countries=[]) | Q(countries__contains=[country])
    return in_force.filter(covers).order_by("position", "-version", "pk").first()


def returnable(line: OrderLine) -> int:
    """Units the customer has and that no return speaks of yet. Digital goods can't be sent back."""
    return 0 if line.digital else max(0, line.delivered - line.return_authorised)


def check(order: Order, wants: list[Want], *, now: datetime | None = None) -> Verdict:
    """Every rule of the policy with its answer in words; `fee` is in the order's currency."""
    policy = policy_for(order)
    if policy is None:
        return Verdict(None, (Rule("policy", False, "No return policy covers this order."),), Decimal(0))
    lines = {line.pk: line for line in order.lines.select_related("sku")}
    rules = (_within_window(order, policy, now or timezone.now()), *_final_sale(policy, wants, lines))
    fee = Decimal(0) if all(want.reason in policy.free_reasons for want in wants) else policy.fee
    return Verdict(policy, rules, fee)


def _within_window(order: Order, policy: ReturnPolicy, now: datetime) -> Rule:
    start = order.delivered_at or order.shipped_at
    if start is None:
        some = any(line.delivered for line in order.lines.all())
        words = f"{policy.window_days} days from the last parcel, which is still to come"
        return Rule("window", some, words if some else "Nothing has been delivered yet")
    last = start + timedelta(days=policy.window_days)
    words = f"{policy.window_days} days from delivery, until {timezone.localtime(last):%d %b %Y}"
    return Rule("window", now <= last, words)


def _final_sale(policy: ReturnPolicy, wants: list[Want], lines: dict[int, OrderLine]) -> list[Rule]:
    rules = []
    for line in filter(None, (lines.get(want.line_id) for want in wants)):
        final = is_final_sale(policy, line)
        words = f"{line.sku_code} is final sale" if final else f"{line.sku_code} may come back"
        rules.append(Rule("final_sale", not final, words))
    return rules


def is_final_sale(policy: ReturnPolicy, line: OrderLine) -> bool:
    """Sold for good by the policy's list of codes, or because its SKU never comes back."""
    listed = any(fnmatchcase(line.sku_code.upper(), pattern.upper()) for pattern in policy.final_sale_skus)
    return listed or bool(line.sku and not line.sku.returnable)


def why_not(line: OrderLine) -> str:
    """In words, why no unit of a line can come back; empty when some can."""
    if line.digital:
        return "digital, nothing to send back"
    if returnable(line):
        return ""
    if line.return_authorised:
        return "all of it is on a return already"
    return "on its way, not delivered yet" if line.shipped else "not shipped yet"
