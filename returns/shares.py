"""What units of an order are worth: exact shares of goods, discount, tax and shipping that sum to the whole.

The k-th unit of a line always carries the same share (`money.unit_share`); units are given back in order, whether they
were cancelled or returned, so no cent is refunded twice and none is left over.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from oms.common import money
from orders.models import Order, OrderLine
from returns.models import Refund
from returns.statuses import RefundState

ZERO = Decimal(0)
PARTS = ("goods", "discount", "tax", "shipping", "fee")


@dataclass(frozen=True)
class Shares:
    """In the order's currency; `fee` is kept back. `units` is {order line id: units given back}."""

    currency: str
    units: Mapping[int, int]
    goods: Decimal = ZERO
    discount: Decimal = ZERO
    tax: Decimal = ZERO
    shipping: Decimal = ZERO
    fee: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.goods - self.discount + self.tax + self.shipping - self.fee

    @classmethod
    def from_breakdown(cls, currency: str, breakdown: Mapping) -> "Shares":
        units = {int(line): count for line, count in breakdown.get("units", {}).items()}
        return cls(currency, units, **{part: Decimal(breakdown.get(part, "0")) for part in PARTS})

    def as_breakdown(self) -> dict:
        return {part: str(money.quantize(getattr(self, part), self.currency)) for part in PARTS} | {
            "units": {str(k): n for k, n in self.units.items()}
        }


def given_back(order: Order, *, origin: str | None = None) -> Counter[int]:
    """Units per order line that refunds (not failed ones) speak of already."""
    refunds = Refund.objects.filter(order=order).exclude(state=RefundState.FAILED)
    if origin:
        refunds = refunds.filter(origin=origin)
    units: Counter[int] = Counter()
    for breakdown in refunds.values_list("breakdown", flat=True):
        units.update({int(line_id): n for line_id, n in breakdown.get("units", {}).items()})
    return units


def recorded(order: Order, part: str) -> Decimal:
    """The sum of one part ("shipping", "fee" …) over the order's refunds that did not fail."""
    refunds = Refund.objects.filter(order=order).exclude(state=RefundState.FAILED).values_list("breakdown", flat=True)
    return sum((Decimal(breakdown.get(part, "0")) for breakdown in refunds), ZERO)


def of_units(order: Order, units: Mapping[int, int], *, fee: Decimal = ZERO, shipping: Decimal = ZERO) -> Shares:
    """The worth of the next `units` of each line. `order.lines` is read once."""
    goods, discount, tax = _components(order, given_back(order), units)
    most = goods - discount + tax + shipping
    return Shares(order.currency, dict(units), goods, discount, tax, shipping, min(fee, most))


def worth(order: Order, units: Mapping[int, int]) -> Decimal:
    """The first `units` of each line, whether or not they were refunded: goods − discount + tax."""
    goods, discount, tax = _components(order, {}, units)
    return goods - discount + tax


def _components(order: Order, start: Mapping[int, int], units: Mapping[int, int]) -> tuple[Decimal, Decimal, Decimal]:
    goods = discount = tax = ZERO
    for line in order.lines.all():
        first, count = start.get(line.pk, 0), units.get(line.pk, 0)
        goods += _share(order, line, line.unit_price * line.ordered, first, count)
        discount += _share(order, line, line.discount, first, count)
        tax += _share(order, line, line.tax, first, count)
    return goods, discount, tax


def _share(order: Order, line: OrderLine, amount: Decimal, start: int, count: int) -> Decimal:
    return money.unit_share(amount, line.ordered, start, count, order.currency)
