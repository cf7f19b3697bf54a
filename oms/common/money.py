"""Amounts with a currency, rounded once by the currency's exponent; shares that always add up to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from oms.common.errors import Refused

EXCEPTIONS = (  # ISO 4217: everything else has two decimals
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
)
EXPONENTS = {currency: digits for digits, currencies in EXCEPTIONS for currency in currencies.split()}
ZERO = Decimal(0)


class CurrencyMismatch(Refused):
    code = "currency_mismatch"


def exponent(currency: str) -> int:
    """Decimal places of the currency's smallest unit."""
    return EXPONENTS.get(currency, 2)


def unit(currency: str) -> Decimal:
    """The smallest amount: 1, 0.01 or 0.001."""
    return Decimal(1).scaleb(-exponent(currency))


def quantize(amount: Decimal, currency: str) -> Decimal:
    return Decimal(amount).quantize(unit(currency), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, order=False)
class Money:
    """Frozen. Arithmetic keeps every digit; `quantize()` rounds, once, at the edge."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, float):
            raise TypeError("Money takes Decimal, never float")
        object.__setattr__(self, "amount", Decimal(self.amount))

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(ZERO, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        if not isinstance(times, int):
            raise TypeError("Money is multiplied by a whole number of units")
        return Money(self.amount * times, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{quantize(self.amount, self.currency):,f} {self.currency}"

    def quantize(self) -> "Money":
        return Money(quantize(self.amount, self.currency), self.currency)

    def _same(self, other: "Money") -> Decimal:
        if not isinstance(other, Money):
            raise TypeError(f"{other!r} is not Money")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} can't be mixed.")
        return other.amount


def prorate(total: Decimal, weights: Sequence[Decimal | int], currency: str) -> list[Decimal]:
    """Split by largest remainder: parts in whole smallest units that sum exactly to the rounded total.

    Weights must not be negative; when all are zero the parts are as even as they can be.
    """
    if not weights:
        return []
    if any(weight < 0 for weight in weights):
        raise ValueError("weights can't be negative")
    step = unit(currency)
    units = int(quantize(abs(Decimal(total)), currency) / step)
    shares = _largest_remainder(units, [Decimal(weight) for weight in weights])
    sign = -1 if total < 0 else 1
    return [sign * share * step for share in shares]


def _largest_remainder(units: int, weights: list[Decimal]) -> list[int]:
    weights = weights if any(weights) else [Decimal(1)] * len(weights)
    scale = max(0, *(-weight.as_tuple().exponent for weight in weights))
    whole = [int(weight.scaleb(scale)) for weight in weights]
    total = sum(whole)
    shares = [units * weight // total for weight in whole]
    by_remainder = sorted(range(len(whole)), key=lambda i: (-(units * whole[i] % total), i))
    for i in by_remainder[: units - sum(shares)]:
        shares[i] += 1
    return shares


def unit_share(total: Decimal, quantity: int, start: int, count: int, currency: str) -> Decimal:
    """What units [start, start+count) of a line carry of its total. Any cutting of the line into ranges sums exactly.

    The share up to unit k is total × k / quantity rounded down to the smallest unit, so ranges are differences.
    """
    if not 0 <= start <= start + count <= quantity:
        raise ValueError(f"units {start}..{start + count} are not within a line of {quantity}")
    if count == 0:
        return ZERO
    step = unit(currency)
    units = int(quantize(abs(Decimal(total)), currency) / step)
    share = units * (start + count) // quantity - units * start // quantity
    return (-1 if total < 0 else 1) * share * step
