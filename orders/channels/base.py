"""What every channel speaks: an order as it came, a shipment as it is told, and the protocol that an adapter fills."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from oms.common.addresses import PostalAddress
from oms.common.errors import Invalid
from oms.common.idempotency import body_hash


class ChannelError(Exception):
    """The channel did not take it. `permanent`: trying again can't help; `retry_after` seconds where it asked."""

    def __init__(self, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.permanent, self.retry_after = permanent, retry_after


class BadPayload(Invalid):
    """What came can't be read as an order. `problems` maps a field to what is wrong with it."""

    code = "bad_payload"

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.problems.items()))


@dataclass(frozen=True)
class ExternalLine:
    """Money of the whole line in the order's currency: `discount` without order-wide shares, `tax` on top of net."""

    sku: str
    quantity: int
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    name: str = ""
    external_line_id: str = ""


@dataclass(frozen=True)
class ExternalPayment:
    """state: unpaid, authorised or paid."""

    state: str = "unpaid"
    amount: Decimal = Decimal(0)
    reference: str = ""
    tender: str = ""


@dataclass(frozen=True)
class ExternalOrder:
    """An order in our words. `total` is what the channel says it comes to, None where it does not say."""

    external_id: str
    placed_at: datetime
    currency: str
    lines: Sequence[ExternalLine]
    customer_name: str = ""
    email: str = ""
    phone: str = ""
    shipping_address: PostalAddress | None = None
    billing_address: PostalAddress | None = None
    method: str = "ship"
    pickup_location: str = ""  # a location's code
    service_level: str = ""
    shipping: Decimal = Decimal(0)
    promo_codes: Sequence[str] = ()
    payment: ExternalPayment = field(default_factory=ExternalPayment)
    total: Decimal | None = None
    note: str = ""
    version: str = ""
    tags: Sequence[str] = ()

    @property
    def fingerprint(self) -> str:
        """The same for the same order, whatever way it came."""
        plain = asdict(self)
        plain["placed_at"] = self.placed_at.isoformat()
        return body_hash(_plain(plain))


@dataclass(frozen=True)
class ShipmentNotice:
    """What left: `lines` maps order line ids to units."""

    reference: str
    carrier: str
    service: str
    tracking_numbers: tuple[str, ...]
    tracking_urls: tuple[str, ...]
    lines: Mapping[int, int]
    shipped_at: datetime


class Adapter(Protocol):
    """One kind of channel. `signature` guards what comes in, `read` maps it, `tell` says outside what happened here."""

    title: str

    def verify(self, channel: Any, headers: Mapping[str, str], body: bytes) -> bool:
        """Signed by them, over the raw body? `headers` has lower-case names."""
        ...

    def event_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """What makes two deliveries the same one; empty where only the body says it."""
        ...

    def read(self, channel: Any, headers: Mapping[str, str], body: bytes) -> ExternalOrder:
        """Raises BadPayload, naming every field."""
        ...

    def tell(self, channel: Any, topic: str, payload: Mapping[str, Any]) -> None:
        """Say it outside; raises ChannelError. Called again after a lost answer with the same `payload["key"]`."""
        ...


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value.normalize()) if isinstance(value, Decimal) and value else "0" if value == 0 else value
