"""What an order comes to, exact to the cent. Pure but for reading the promo code."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from oms.common.money import prorate, quantize
from orders import promos
from orders.channels.base import ExternalLine
from orders.models import PromoCode


@dataclass(frozen=True)
class Quote:
    """`lines` have their share of the promo discounts; `problems` are sentences about codes that were left out."""

    lines: tuple[ExternalLine, ...]
    goods: Decimal
    discount: Decimal
    tax: Decimal
    shipping: Decimal
    used: tuple[tuple[str, Decimal], ...] = ()
    problems: tuple[str, ...] = field(default=())

    @property
    def total(self) -> Decimal:
        return self.goods - self.discount + self.tax + self.shipping


def quote(
    lines: Sequence[ExternalLine],
    *,
    currency: str,
    shipping: Decimal = Decimal(0),
    promo_codes: Sequence[str] = (),
    tax_rate: Decimal = Decimal(0),
    customer_id: int | None = None,
) -> Quote:
    """Codes are taken in their order, each on what the ones before left; tax at `tax_rate` on what is then net."""
    lines, used, problems = list(lines), [], []
    for code in promo_codes:
        net = [_net(line) for line in lines]
        verdict = promos.check(code, goods=sum(net, Decimal(0)), currency=currency, customer_id=customer_id)
        if verdict.problem:
            problems.append(verdict.problem)
            continue
        if verdict.promo.kind == PromoCode.Kind.FREE_SHIPPING:
            used.append((verdict.code, shipping))
            shipping = Decimal(0)
            continue
        worth = promos.worth(verdict.promo, goods=sum(net, Decimal(0)), currency=currency)
        shares = prorate(worth, net, currency)
        lines = [replace(line, discount=line.discount + part) for line, part in zip(lines, shares, strict=True)]
        used.append((verdict.code, worth))
    if tax_rate:
        lines = [replace(line, tax=quantize(_net(line) * tax_rate, currency)) for line in lines]
    return Quote(
        lines=tuple(lines),
        goods=sum((line.unit_price * line.quantity for line in lines), Decimal(0)),
        discount=sum((line.discount for line in lines), Decimal(0)),
        tax=sum((line.tax for line in lines), Decimal(0)),
        shipping=shipping,
        used=tuple(used),
        problems=tuple(problems),
    )


def _net(line: ExternalLine) -> Decimal:
    return line.unit_price * line.quantity - line.discount
