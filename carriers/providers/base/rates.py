"""Boxes, and what it costs to send them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from carriers.statuses import Direction
from oms.common.money import Money
from oms.common.postal import PostalAddress


@dataclass(frozen=True)
class ParcelSpec:
    """A closed box. Sizes may be 0 when nobody measured; then only the weight counts."""

    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0

    @property
    def sides(self) -> tuple[int, int, int]:
        """Longest first."""
        longest, middle, shortest = sorted((self.length_mm, self.width_mm, self.height_mm), reverse=True)
        return longest, middle, shortest

    @property
    def girth_mm(self) -> int:
        """Longest side plus the way round the other two, as carriers measure it."""
        longest, middle, shortest = self.sides
        return longest + 2 * (middle + shortest)

    def billable_g(self, dim_divisor: int) -> int:
        """The heavier of weight and volume at so many cm³ a kilogram, rounded up to the gram."""
        volume = self.length_mm * self.width_mm * self.height_mm
        return max(self.weight_g, -(-volume // dim_divisor))


@dataclass(frozen=True)
class RateRequest:
    """`ship_at` is aware and on the clock of the place the parcels leave from: cut-offs are read on it."""

    origin: PostalAddress
    destination: PostalAddress
    parcels: Sequence[ParcelSpec]
    currency: str
    value: Decimal
    ship_at: datetime
    direction: str = Direction.OUTBOUND

    def __post_init__(self) -> None:
        object.__setattr__(self, "parcels", tuple(self.parcels))
        aware(self.ship_at, "ship_at")

    @property
    def far_end(self) -> PostalAddress:
        """The customer's end, which decides zone and surcharges in both directions."""
        return self.origin if self.direction == Direction.RETURN else self.destination

    @property
    def is_domestic(self) -> bool:
        return self.origin.country == self.destination.country


@dataclass(frozen=True)
class Charge:
    """One line of a price."""

    name: str
    amount: Money


@dataclass(frozen=True)
class RateOffer:
    """A price to act on until `expires_at`. `price` is the sum of `base` and `surcharges`, in the account's currency.

    `quote_id` and `standing_in` are set by rating: the kept row, and whether it is an earlier answer of a late carrier.
    """

    account_id: int
    service_code: str
    service_name: str
    carrier: str
    price: Money
    base: Money
    expires_at: datetime
    surcharges: tuple[Charge, ...] = ()
    transit_days: int | None = None
    deliver_by: datetime | None = None
    billable_g: int = 0
    quote_id: int | None = None
    standing_in: bool = False

    def keeps(self, promise: datetime | None) -> bool | None:
        """Delivered by then? None where carrier or promise name no day."""
        if promise is None or self.deliver_by is None:
            return None
        return self.deliver_by.astimezone(promise.tzinfo).date() <= promise.date()


def aware(value: datetime, name: str) -> None:
    if value.tzinfo is None:
        raise ValueError(f"{name} needs a time zone")
