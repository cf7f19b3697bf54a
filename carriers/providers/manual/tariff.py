"""The arithmetic of agreed prices: zone, table in force, the cell of the billable weight, surcharges. Pure.

Every line of a price is rounded once, to the currency's smallest unit, so the lines always add up to the price.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from carriers.providers.base import CarrierError, Charge, ParcelSpec, RateRequest
from oms.common.money import Money
from oms.common.postal import PostalAddress

ELSEWHERE = "*"


@dataclass(frozen=True)
class Zone:
    id: int
    name: str
    countries: tuple[str, ...]
    postal_prefixes: tuple[str, ...] = ()

    def fit(self, address: PostalAddress) -> int:
        """How exactly it names the address: 0 not at all, 1 as everywhere else, 2 by country, more by postcode."""
        if address.country not in self.countries:
            return 1 if ELSEWHERE in self.countries and not self.postal_prefixes else 0
        if not self.postal_prefixes:
            return 2
        longest = longest_prefix(address, self.postal_prefixes)
        return 2 + longest if longest else 0


@dataclass(frozen=True)
class Table:
    """`cells` maps a zone to its (up to so many grams, price), ascending."""

    valid_from: date
    cells: dict[int, tuple[tuple[int, Decimal], ...]]


@dataclass(frozen=True)
class ServicePrices:
    code: str
    name: str
    tables: tuple[Table, ...]

    def in_force(self, day: date) -> Table | None:
        begun = [table for table in self.tables if table.valid_from <= day]
        return max(begun, key=lambda table: table.valid_from, default=None)


@dataclass(frozen=True)
class Extra:
    """A surcharge. A condition that is None or empty is met."""

    name: str
    basis: str
    amount: Decimal
    service_code: str = ""
    residential_only: bool = False
    countries: tuple[str, ...] = ()
    postal_prefixes: tuple[str, ...] = ()
    above_weight_g: int | None = None
    above_length_mm: int | None = None
    above_girth_mm: int | None = None
    above_value: Decimal | None = None
    from_date: date | None = None
    to_date: date | None = None

    def meets(self, service_code: str, request: RateRequest, parcel: ParcelSpec) -> bool:
        return (
            self.service_code in ("", service_code)
            and self._meets_place(request.far_end)
            and self._meets_day(request.ship_at.date())
            and _above(parcel.weight_g, self.above_weight_g)
            and _above(parcel.sides[0], self.above_length_mm)
            and _above(parcel.girth_mm, self.above_girth_mm)
            and _above(request.value, self.above_value)
        )

    def _meets_place(self, address: PostalAddress) -> bool:
        if self.residential_only and address.company.strip():
            return False
        if self.countries and address.country not in self.countries:
            return False
        return not self.postal_prefixes or longest_prefix(address, self.postal_prefixes) > 0

    def _meets_day(self, day: date) -> bool:
        return (self.from_date is None or self.from_date <= day) and (self.to_date is None or day <= self.to_date)


@dataclass(frozen=True)
class PriceList:
    """What one service asks for a parcel: a price up to so many billable grams, ascending; never empty."""

    steps: tuple[tuple[int, Decimal], ...]
    divisor: int = 0  # cubic millimetres that count as a gram; 0 counts the weight alone
    name: str = ""

    @cached_property
    def in_millionths(self) -> tuple[tuple[int, int], ...]:
        """The steps in whole millionths of the currency, for those who compare many."""
        return tuple([(grams, int(price * 1_000_000)) for grams, price in self.steps])


@dataclass(frozen=True)
class Priced:
    base: Money
    charges: tuple[Charge, ...]
    billable_g: int

    @property
    def total(self) -> Money:
        return sum((charge.amount for charge in self.charges), self.base)


@dataclass(frozen=True)
class Tariff:
    currency: str
    dim_divisor: int
    zones: tuple[Zone, ...]
    services: tuple[ServicePrices, ...]
    extras: tuple[Extra, ...] = ()

    def zone_of(self, address: PostalAddress) -> Zone | None:
        """The zone that names the address most exactly; of equals, the first by name."""
        fits = [(zone.fit(address), zone) for zone in self.zones]
        best = sorted((pair for pair in fits if pair[0]), key=lambda pair: (-pair[0], pair[1].name))
        return best[0][1] if best else None

    def price(self, service: ServicePrices, request: RateRequest) -> Priced | None:
        """None where no zone, no table in force or no cell is heavy enough."""
        zone, table = self.zone_of(request.far_end), service.in_force(request.ship_at.date())
        if zone is None or table is None or not request.parcels:
            return None
        cells = table.cells.get(zone.id, ())
        bases = [self._cell(cells, parcel) for parcel in request.parcels]
        if any(base is None for base in bases):
            return None
        charges = self._charges(service.code, request, bases)
        weight = sum(parcel.billable_g(self.dim_divisor) for parcel in request.parcels)
        return Priced(sum(bases, Money.zero(self.currency)), charges, weight)

    def _cell(self, cells: tuple[tuple[int, Decimal], ...], parcel: ParcelSpec) -> Money | None:
        billable = parcel.billable_g(self.dim_divisor)
        price = next((price for up_to, price in cells if billable <= up_to), None)
        return None if price is None else Money(price, self.currency).quantize()

    def _charges(self, code: str, request: RateRequest, bases: list[Money]) -> tuple[Charge, ...]:
        """Fixed ones and those on the rate first: a percentage of the total counts them in."""
        per_parcel = list(zip(request.parcels, bases, strict=True))
        found: dict[str, Money] = {}
        fixed = [Money.zero(self.currency) for _ in bases]
        for extra in sorted(self.extras, key=lambda extra: (extra.basis == "total", extra.basis == "value")):
            amount = Money.zero(self.currency)
            for i, (parcel, base) in enumerate(per_parcel):
                if extra.meets(code, request, parcel):
                    one = self._amount(extra, request, base, fixed[i], first=not amount)
                    amount += one
                    fixed[i] += one if extra.basis == "fixed" else Money.zero(self.currency)
            if amount:
                found[extra.name] = found.get(extra.name, Money.zero(self.currency)) + amount
        return tuple(Charge(name, amount) for name, amount in found.items())

    def _amount(self, extra: Extra, request: RateRequest, base: Money, fixed: Money, *, first: bool) -> Money:
        if extra.basis == "fixed":
            return Money(extra.amount, self.currency).quantize()
        if extra.basis == "value":
            return self._of_value(extra, request) if first else Money.zero(self.currency)
        whole = base if extra.basis == "rate" else base + fixed
        return Money(whole.amount * extra.amount / 100, self.currency).quantize()

    def _of_value(self, extra: Extra, request: RateRequest) -> Money:
        if request.currency != self.currency:
            raise CarrierError(
                f"{extra.name} is a share of a value in {request.currency}, and the tariff is in {self.currency}.",
                permanent=True,
            )
        return Money(request.value * extra.amount / 100, self.currency).quantize()


def longest_prefix(address: PostalAddress, prefixes: tuple[str, ...]) -> int:
    code = squeezed(address.postal_code)
    return max((len(prefix) for prefix in map(squeezed, prefixes) if prefix and code.startswith(prefix)), default=0)


def squeezed(text: str) -> str:
    return "".join(text.upper().split()).replace("-", "")


def _above(value: int | Decimal, limit: int | Decimal | None) -> bool:
    return limit is None or value > limit
