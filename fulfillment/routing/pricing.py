"""Sums of parcels are whole millionths of the currency, exact and quick to compare; here they become money."""

from decimal import Decimal

from fulfillment.routing.fees import MICRO
from oms.common.money import exponent


def shown(micro: int, currency: str) -> str:
    """As Money writes it."""
    digits = exponent(currency)
    whole, rest = divmod(rounded(abs(micro), digits), 10**digits)
    sign = "-" if micro < 0 else ""
    return f"{sign}{whole:,}.{rest:0{digits}d} {currency}" if digits else f"{sign}{whole:,} {currency}"


def amount(micro: int, currency: str) -> Decimal:
    """In whole smallest units of the currency."""
    digits = exponent(currency)
    return Decimal(rounded(micro, digits)).scaleb(-digits)


def whole(micro: int, currency: str) -> int:
    """Still in millionths."""
    digits = exponent(currency)
    return rounded(micro, digits) * (MICRO // 10**digits)


def rounded(micro: int, digits: int) -> int:
    step = MICRO // 10**digits
    return (micro + step // 2) // step if micro >= 0 else -((-micro + step // 2) // step)
