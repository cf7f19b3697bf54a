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
from carriers.transit import Leg
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
    leg: Leg

    def serves(self, *, domestic: bool) -> bool:
        return self.scope == Service.Scope.BOTH or (self.scope == Service.Scope.DOMESTIC) == domestic


Listed = tuple[PriceList, Leg]


@dataclass(frozen=True, slots=True)
class Found:
    """`late`: none of the services that go there keeps the promised day."""

    lists: tuple[PriceList, ...] = ()
    late: bool = False


class Book:
    """The tariffs of all accounts in one currency. Like destinations share their lists."""

    def __init__(self, accounts: Sequence[tuple[Tariff, Sequence[Sold]]]) -> None:
        self.accounts = accounts
        self._by_address: dict[tuple, tuple[Listed, ...]] = {}
        self._by_lane: dict[tuple, tuple[Listed, ...]] = {}
        self._alike: dict[tuple, tuple[Listed, ...]] = {}  # one tuple for all addresses of the same lanes
        self._dated: dict[tuple, Found] = {}

    def lists(
        self, origin: PostalAddress, destination: PostalAddress, at: datetime, deliver_by: datetime | None = None
    ) -> Found:
        """Those that leave `at`, on the sender's clock, and arrive by the promised day; if none does, the earliest."""
        domestic, home = origin.country == destination.country, not destination.company.strip()
        key = (domestic, home, destination.country, destination.postal_code, at.date())
        listed = self._by_address.get(key)
        if listed is None:
            if len(self._by_address) >= REMEMBERED:
                self._by_address.clear()
            listed = self._by_address[key] = self._looked_up(origin, destination, at)
        return self._in_time(listed, at, deliver_by)

    def _in_time(self, listed: tuple[Listed, ...], at: datetime, deliver_by: datetime | None) -> Found:
        key = (id(listed), at, deliver_by)
        found = self._dated.get(key)
        if found is None:
            if len(self._dated) >= REMEMBERED:
                self._dated.clear()
            found = self._dated[key] = _in_time(listed, at, deliver_by)
        return found

    def _looked_up(self, origin: PostalAddress, destination: PostalAddress, at: datetime) -> tuple[Listed, ...]:
        found: list[Listed] = []
        lanes = []
        for number, (tariff, sold) in enumerate(self.accounts):
            lane = (number, origin.country == destination.country, at.date(), *_lane(tariff, destination))
            if lane not in self._by_lane:
                self._by_lane[lane] = _listed(tariff, sold, origin, destination, at)
            found += self._by_lane[lane]
            lanes.append(lane)
        return self._alike.setdefault(tuple(lanes), tuple(found))


@lru_cache(maxsize=4)
def book(currency: str, version: str) -> Book:
    """Accounts whose prices are worked out here, in that currency."""
    found = []
    for account in CarrierAccount.objects.active().filter(provider="manual", currency=currency).order_by("pk"):
        limits = {
            service.code: (service.scope, service.max_weight_g, Leg.of(service))
            for service in Service.objects.filter(account=account, active=True)
        }
        tariff = tariffs.load(account)
        found.append((tariff, [Sold(prices, *limits[prices.code]) for prices in tariff.services]))
    return Book(found)


def _in_time(listed: Sequence[Listed], at: datetime, deliver_by: datetime | None) -> Found:
    if deliver_by is None or not listed:
        return Found(tuple([prices for prices, _ in listed]))
    day = deliver_by.astimezone(at.tzinfo).date()
    dated = [(leg.arrives(at).date(), prices) for prices, leg in listed]
    kept = tuple([prices for arrives, prices in dated if arrives <= day])
    earliest = min(arrives for arrives, _ in dated)
    return Found(kept) if kept else Found(tuple([p for arrives, p in dated if arrives == earliest]), late=True)


def _lane(tariff: Tariff, to: PostalAddress) -> tuple:
    """All that a price can depend on, but for the parcel."""
    zone = tariff.zone_of(to)
    remote = tuple([longest_prefix(to, one.postal_prefixes) > 0 for one in tariff.extras if one.postal_prefixes])
    return zone and zone.id, to.country, bool(to.company.strip()), remote


def _listed(
    tariff: Tariff, sold: Sequence[Sold], origin: PostalAddress, destination: PostalAddress, at: datetime
) -> tuple[Listed, ...]:
    domestic, found = origin.country == destination.country, []
    for one in sold:
        if not one.serves(domestic=domestic):
            continue
        priced = [(grams, _price(tariff, one, grams, origin, destination, at)) for grams in _weights(tariff, one)]
        if steps := tuple([(grams, price) for grams, price in priced if price is not None]):
            found.append((PriceList(steps, tariff.dim_divisor, one.prices.name), one.leg))
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
