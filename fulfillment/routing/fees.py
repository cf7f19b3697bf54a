"""What a place asks for a parcel, in whole millionths of the currency."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from carriers.providers.manual.tariff import PriceList

MICRO = 1_000_000
GRAMS_A_KILO = 1000


class Fee:
    """For so many grams and cubic millimetres. Where no price list is known it is `bare` and so much a `gram`."""

    __slots__ = ("bare", "gram", "lists")

    def __init__(self, bare: int, gram: int, lists: Sequence[tuple[int, Sequence[tuple[int, int]]]]) -> None:
        self.bare, self.gram, self.lists = bare, gram, lists

    @classmethod
    def of_place(cls, parcel: Decimal, kilo: Decimal, prices: Sequence[PriceList]) -> Self:
        bare = 0 if prices else int(parcel * MICRO)
        return cls(bare, int(kilo * (MICRO // GRAMS_A_KILO)), [(one.divisor, one.in_millionths) for one in prices])

    def and_extra(self, amount: Decimal | int) -> Self:
        """With what rules add or take off."""
        return type(self)(self.bare + int(amount * MICRO), self.gram, self.lists) if amount else self

    def of(self, grams: int, volume: int) -> int:
        if not self.lists:
            return self.bare + self.gram * grams
        return self.bare + min([_looked_up(steps, _billable(grams, volume, by)) for by, steps in self.lists])


def service(prices: Sequence[PriceList], grams: int, volume: int) -> str:
    """The name of the list that is the cheapest for so much; the first of equals."""
    asked = [(_looked_up(one.in_millionths, _billable(grams, volume, one.divisor)), one.name) for one in prices]
    return min(asked, key=lambda one: one[0])[1] if asked else ""


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
