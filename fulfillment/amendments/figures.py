"""What a change does to the money. Pure: an order's lines as figures in, the changed figures out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from oms.common import money

ZERO = Decimal(0)


@dataclass(frozen=True)
class LineFigures:
    """A line as money. Units that were paid stay on it when they are cancelled, and their share is given back."""

    line_id: int | None
    sku_code: str
    ordered: int
    cancelled: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal

    @property
    def kept(self) -> int:
        return self.ordered - self.cancelled

    @property
    def net(self) -> Decimal:
        return self.unit_price * self.ordered - self.discount

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class Figures:
    currency: str
    lines: tuple[LineFigures, ...]
    shipping: Decimal

    @property
    def total(self) -> Decimal:
        """As it stands on the order, cancelled units included."""
        return sum((line.total for line in self.lines), self.shipping)

    @property
    def due(self) -> Decimal:
        """What the customer pays for what they keep."""
        return self.total - sum(
            (money.unit_share(line.total, line.ordered, 0, line.cancelled, self.currency) for line in self.lines),
            ZERO,
        )


def with_units(line: LineFigures, kept: int, *, rewrite: bool, currency: str) -> LineFigures:
    """More units extend the line, its discount stays and its tax rate holds. Fewer are cancelled, or rewritten away."""
    if kept >= line.kept:
        return taxed_alike(replace(line, ordered=line.ordered + kept - line.kept), line, currency)
    fewer = line.kept - kept
    if not rewrite:
        return replace(line, cancelled=line.cancelled + fewer)
    if line.ordered == fewer:  # a line never orders nothing: it stays, worth nothing
        return replace(line, cancelled=line.cancelled + fewer, unit_price=ZERO, discount=ZERO, tax=ZERO)
    left = line.ordered - fewer
    discount = money.unit_share(line.discount, line.ordered, 0, left, currency)
    return taxed_alike(replace(line, ordered=left, discount=discount), line, currency)


def worth(line: LineFigures, units: int, currency: str) -> Decimal:
    """What the next `units` that are taken off the line carry of its total."""
    return money.unit_share(line.total, line.ordered, line.cancelled, max(units, 0), currency)


def with_price(
    line: LineFigures, *, unit_price: Decimal | None, discount: Decimal | None, tax: Decimal | None, currency: str
) -> LineFigures:
    changed = replace(
        line,
        unit_price=line.unit_price if unit_price is None else unit_price,
        discount=line.discount if discount is None else discount,
    )
    return taxed_alike(changed, line, currency) if tax is None else replace(changed, tax=tax)


def taxed_alike(changed: LineFigures, before: LineFigures, currency: str) -> LineFigures:
    """The rate that the line had before."""
    if before.net <= 0:
        return replace(changed, tax=before.tax if changed.net else ZERO)
    return replace(changed, tax=money.quantize(before.tax * changed.net / before.net, currency))


def tax_of(net: Decimal, lines: Iterable[LineFigures], currency: str) -> Decimal:
    """A new line is taxed at the rate of the others, taken together."""
    base = sum((line.net for line in lines), ZERO)
    tax = sum((line.tax for line in lines), ZERO)
    return money.quantize(tax * net / base, currency) if base > 0 else ZERO
