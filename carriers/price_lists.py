"""What our own rate tables ask for one parcel, as a price for each weight: to compare with, never to charge.

Read once and kept in memory until a setting changes; `version` says which settings are meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from carriers import tariffs
from carriers.models import CarrierAccount, Service
from carriers.providers.base import ParcelSpec, RateRequest
from carriers.providers.manual.tariff import PriceList, ServicePrices, Tariff, longest_prefix
from oms.common.postal import PostalAddress

# Settings are traced when they change; rates that came without a trace still have newer ids. Of two changes at the same
# moment the one with the lower id may be seen last: the hour makes sure that it is seen.
VERSION = (
    "concat_ws('.', coalesce((SELECT max(id) FROM common_configchange), 0),"
    " coalesce((SELECT max(id) FROM carriers_rate), 0), date_part('hour', now()))"
)
REMEMBERED = 20_000  # addresses


@dataclass(frozen=True, slots=True)
class Sold:
    """A service with whom it is for and what it takes."""

    prices: ServicePrices
    scope: str
    max_weight_g: int

    def serves(self, *, domestic: bool) -> bool:
        return self.scope == Service.Scope.BOTH or (self.scope == Service.Scope.DOMESTIC) == domestic


class Book:
    """The tariffs of all accounts in one currency. Like destinations share their lists."""

    def __init__(self, accounts: Sequence[tuple[Tariff, Sequence[Sold]]]) -> None:
        self.accounts = accounts
        self._by_address: dict[tuple, tuple[PriceList, ...]] = {}
        self._by_lane: dict[tuple, tuple[PriceList, ...]] = {}

    def lists(self, origin: PostalAddress, destination: PostalAddress, at: datetime) -> tuple[PriceList, ...]:
        domestic, home = origin.country == destination.country, not destination.company.strip()
        key = (domestic, home, destination.country, destination.postal_code, at.date())
        if key not in self._by_address:
            if len(self._by_address) >= REMEMBERED:
                self._by_address.clear()
            self._by_address[key] = self._looked_up(origin, destination, at)
        return self._by_address[key]

    def _looked_up(self, origin: PostalAddress, destination: PostalAddress, at: datetime) -> tuple[PriceList, ...]:
        found: list[PriceList] = []
        for number, (tariff, sold) in enumerate(self.accounts):
            lane = (number, origin.country == destination.country, at.date(), *_lane(tariff, destination))
            if lane not in self._by_lane:
                self._by_lane[lane] = _listed(tariff, sold, origin, destination, at)
            found += self._by_lane[lane]
        return tuple(found)


@lru_cache(maxsize=4)
def book(currency: str, version: str) -> Book:
    """Accounts whose prices are worked out here, in that currency."""
    found = []
    for account in CarrierAccount.objects.active().filter(provider="manual", currency=currency).order_by("pk"):
        limits = {
            code: (scope, most)
            for code, scope, most in Service.objects.filter(account=account, active=True).values_list(
                "code", "scope", "max_weight_g"
            )
        }
        tariff = tariffs.load(account)
        found.append((tariff, [Sold(prices, *limits[prices.code]) for prices in tariff.services]))
    return Book(found)


def _lane(tariff: Tariff, to: PostalAddress) -> tuple:
    """All that a price can depend on, but for the parcel."""
    zone = tariff.zone_of(to)
    remote = tuple([longest_prefix(to, one.postal_prefixes) > 0 for one in tariff.extras if one.postal_prefixes])
    return zone and zone.id, to.country, bool(to.company.strip()), remote


def _listed(
    tariff: Tariff, sold: Sequence[Sold], origin: PostalAddress, destination: PostalAddress, at: datetime
) -> tuple[PriceList, ...]:
    domestic, found = origin.country == destination.country, []
    for one in sold:
        if not one.serves(domestic=domestic):
            continue
        priced = [(grams, _price(tariff, one, grams, origin, destination, at)) for grams in _weights(tariff, one)]
        if steps := tuple([(grams, price) for grams, price in priced if price is not None]):
            found.append(PriceList(steps, tariff.dim_divisor, one.prices.name))
    return tuple(found)


def _weights(tariff: Tariff, one: Sold) -> list[int]:
    """Where a price may change: ends of cells, weights above which something is added, and the heaviest taken."""
    cells = {grams for table in one.prices.tables for row in table.cells.values() for grams, _ in row}
    extras = {extra.above_weight_g for extra in tariff.extras if extra.above_weight_g}
    return sorted(grams for grams in {*cells, *extras, one.max_weight_g} if grams <= one.max_weight_g)


def _price(
    tariff: Tariff, one: Sold, grams: int, origin: PostalAddress, destination: PostalAddress, at: datetime
) -> Decimal | None:
    parcel = ParcelSpec(grams)
    request = RateRequest(origin, destination, (parcel,), tariff.currency, Decimal(0), at)
    priced = tariff.price(one.prices, request)
    return priced and priced.total.amount
