"""What a parcel costs, in whole millionths of the currency: sums are exact and quick to compare."""

from collections.abc import Sequence
from decimal import Decimal

from fulfillment.routing.facts import Place
from oms.common.money import exponent

MICRO = 1_000_000
GRAMS_A_KILO = 1000


class Fee:
    """What a place asks for a parcel of so many grams and cubic millimetres."""

    __slots__ = ("bare", "gram", "lists")

    def __init__(self, place: Place, extra: Decimal | int = 0) -> None:
        """Where no price list is known it is `bare` and so much a `gram`; `extra` is what rules add or take off."""
        self.bare = int(extra * MICRO) + (0 if place.prices else int(place.parcel_cost * MICRO))
        self.gram = int(place.kilo_cost * (MICRO // GRAMS_A_KILO))
        self.lists = [(prices.divisor, prices.in_millionths) for prices in place.prices]

    def of(self, grams: int, volume: int) -> int:
        if not self.lists:
            return self.bare + self.gram * grams
        return self.bare + min([_looked_up(steps, _billable(grams, volume, by)) for by, steps in self.lists])


def service(place: Place, grams: int, volume: int) -> str:
    """The name of the list that is the cheapest for so much; the first of equals."""
    asked = [(_looked_up(p.in_millionths, _billable(grams, volume, p.divisor)), p.name) for p in place.prices]
    return min(asked, key=lambda one: one[0])[1] if asked else ""


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


def _billable(grams: int, volume: int, divisor: int) -> int:
    return max(grams, -(-volume // divisor)) if divisor else grams


def _looked_up(steps: Sequence[tuple[int, int]], billable: int) -> int:
    """Heavier than the last step is several parcels: full ones, and the rest."""
    for up_to, price in steps:
        if billable <= up_to:
            return price
    up_to, price = steps[-1]
    full = (billable - 1) // up_to
    return full * price + _looked_up(steps, billable - full * up_to)
