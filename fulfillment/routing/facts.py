"""What the engine is told: wants, places and the promise. Plain data, read once before any lock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Self

from carriers.providers.manual.tariff import PriceList
from fulfillment.routing.fees import Fee
from fulfillment.routing.policy import NO_RULES, Policy


@dataclass(frozen=True)
class Want:
    """Units of an order line that need a place."""

    line_id: int
    sku_id: int
    quantity: int
    sku_code: str = ""


@dataclass(frozen=True)
class Place:
    """A location as routing sees it. `stock` is what may still be promised there, safety kept back.

    The cheapest of its price lists is what a parcel costs: those of services that arrive in time, or the earliest.
    Where it has none, the estimate of parcel and kilo is.
    """

    location_id: int
    code: str
    name: str
    stock: Mapping[int, int]
    active: bool = True
    ships: bool = True
    collects: bool = False
    has_bins: bool = True
    zone: int = 0
    parcel_cost: Decimal = Decimal(0)
    kilo_cost: Decimal = Decimal(0)
    prices: tuple[PriceList, ...] = ()
    slow: bool = False  # no service from there arrives on the promised day
    leaves_at: datetime | None = None
    capacity: int | None = None  # units it can still take today; None has no limit
    priority: int = 0  # higher is preferred
    load: int = 0  # lines waiting there

    def __str__(self) -> str:
        return self.name or self.code

    @cached_property
    def fee(self) -> Fee:
        """What it asks for a parcel, before rules add to it or take off."""
        return Fee.of_place(self.parcel_cost, self.kilo_cost, self.prices)

    @cached_property
    def written(self) -> tuple[str, str, str | None]:
        """Parcel, kilo and departure as JSON can hold them."""
        return str(self.parcel_cost), str(self.kilo_cost), self.leaves_at.isoformat() if self.leaves_at else None

    def holding(self, stock: Mapping[int, int]) -> Self:
        """The same place with this stock. What is worked out of the rest is kept: many orders look at one place."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, stock=stock)
        return other


@dataclass(frozen=True)
class Facts:
    method: str
    wants: tuple[Want, ...]
    places: tuple[Place, ...]
    currency: str = "EUR"
    pickup_location_id: int | None = None
    pickup_name: str = ""
    channel_name: str = ""
    allowed: frozenset[int] | None = None  # locations of the channel; None means all
    excluded: Mapping[int, str] = field(default_factory=dict)  # location → why
    short: frozenset[tuple[int, int]] = frozenset()  # (location, sku) found short and not counted since
    grams: Mapping[int, int] = field(default_factory=dict)  # weight of one unit
    volumes: Mapping[int, int] = field(default_factory=dict)  # mm³ of one unit, where it was measured
    ship_by: datetime | None = None
    policy: Policy = NO_RULES

    @property
    def demand(self) -> dict[int, int]:
        """Units by SKU, summed over lines, so that two lines of one SKU never count the same unit twice."""
        total: dict[int, int] = {}
        for want in self.wants:
            total[want.sku_id] = total.get(want.sku_id, 0) + want.quantity
        return total
