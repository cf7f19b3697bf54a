"""What a carrier must be able to do, and the plain data that goes in and comes out. No table, no URL.

A provider is built for one account with everything it needs from the database already read, because it is called from
threads. It speaks our words only: `mapping.py` of its folder translates, `client.py` speaks HTTP.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from carriers.statuses import Direction, Incident, LabelFormat, TrackingStatus
from oms.common.money import Money
from oms.common.postal import PostalAddress


class CarrierError(Exception):
    """The carrier did not do it, or nobody knows. `str(e)` is a sentence for people.

    permanent: refused for good; the same question gets the same answer.
    ambiguous: it may have been done (time-out after sending, 5xx, unreadable answer): look it up before asking again.
    sign_in: it does not accept our credentials. retry_after: seconds it asks us to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        sign_in: bool = False,
        retry_after: float | None = None,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.permanent = permanent or sign_in
        self.ambiguous = ambiguous
        self.sign_in = sign_in
        self.retry_after = retry_after
        self.code = code


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
        _aware(self.ship_at, "ship_at")

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


@dataclass(frozen=True)
class LabelRequest:
    """One box, one label. `reference` names the box for us ("SH-1001/1"); after a void it is numbered on."""

    reference: str
    service_code: str
    origin: PostalAddress
    destination: PostalAddress
    parcel: ParcelSpec
    value: Money
    ship_at: datetime
    direction: str = Direction.OUTBOUND
    format: str = ""  # the account's when empty
    contents: str = "Goods"
    printed_reference: str = ""  # in large type on the label; the reference when empty

    def __post_init__(self) -> None:
        _aware(self.ship_at, "ship_at")

    def as_json(self) -> dict[str, Any]:
        """Everything asked, as JSON can hold it; `from_json` reads it back."""
        plain = asdict(self)
        plain["value"] = {"amount": str(self.value.amount), "currency": self.value.currency}
        plain["ship_at"] = self.ship_at.isoformat()
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "LabelRequest":
        return cls(
            **{
                **plain,
                "origin": PostalAddress(**plain["origin"]),
                "destination": PostalAddress(**plain["destination"]),
                "parcel": ParcelSpec(**plain["parcel"]),
                "value": Money(Decimal(plain["value"]["amount"]), plain["value"]["currency"]),
                "ship_at": datetime.fromisoformat(plain["ship_at"]),
            }
        )

    @property
    def fingerprint(self) -> str:
        """The same for the same box to the same door by the same service; the day it leaves does not matter."""
        told = self.as_json()
        told.pop("ship_at")
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def renamed(self, reference: str) -> "LabelRequest":
        return replace(self, reference=reference, printed_reference=self.printed_reference or self.reference)

    def rate_request(self) -> RateRequest:
        return RateRequest(
            origin=self.origin,
            destination=self.destination,
            parcels=(self.parcel,),
            currency=self.value.currency,
            value=self.value.amount,
            ship_at=self.ship_at,
            direction=self.direction,
        )


@dataclass(frozen=True)
class LabelResult:
    """A bought label. `pdf` always; `zpl` where the carrier gives it."""

    tracking_number: str
    carrier_label_id: str
    cost: Money
    pdf: bytes
    zpl: str = ""
    tracking_url: str = ""


@dataclass(frozen=True)
class TrackingNews:
    """One event. `id` is the carrier's, or empty; `at` is aware: local times are turned by the mapping."""

    at: datetime
    status: str
    text: str = ""
    place: str = ""
    code: str = ""
    id: str = ""
    incident_reason: str = Incident.NONE
    signed_by: str = ""
    estimated_at: datetime | None = None

    def __post_init__(self) -> None:
        _aware(self.at, "at")
        TrackingStatus(self.status)

    @property
    def key(self) -> str:
        """The carrier's id, else a digest of what is said."""
        if self.id:
            return f"id:{self.id}"[:80]
        told = "|".join((self.at.isoformat(), self.status, self.code, self.text, self.place))
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True)
class WebhookNews:
    """What a webhook tells of one parcel."""

    tracking_number: str
    news: Sequence[TrackingNews]


@dataclass(frozen=True)
class ManifestResult:
    """`refused` maps a tracking number to the carrier's reason: it stays behind, the others go."""

    carrier_reference: str
    pdf: bytes = b""
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ManifestRequest:
    """`reference` is our manifest number: asked again with it, the carrier answers with the first result."""

    reference: str
    location_code: str
    ship_date: date
    tracking_numbers: Sequence[str]


@dataclass(frozen=True)
class ServiceFact:
    """A service as the carrier lists it, to be switched on or off by an admin."""

    code: str
    name: str
    transit_min_days: int = 1
    transit_max_days: int = 3
    returns: bool = True


@dataclass(frozen=True)
class Field:
    """One field of the set-up form: what it is, where to find it, and whether it is a secret."""

    name: str
    label: str
    help: str
    secret: bool = False
    required: bool = True
    default: str = ""
    kind: str = "text"  # text | url | number | long


@dataclass(frozen=True)
class AccountFacts:
    """What a provider knows of its account; built once in the caller's thread, safe to hand to others."""

    id: int
    name: str
    currency: str
    credentials: Mapping[str, Any] = field(repr=False)
    config: Mapping[str, Any]
    dim_divisor: int
    label_format: str = LabelFormat.PDF_4X6


class Provider(Protocol):
    """Every method may raise CarrierError and nothing else; none of them touches the database or a lock.

    title, fields: how the set-up page presents it. is_local: no network, so no thread, no deadline, no health.
    has_tariff: it is built with our own rate tables as second argument. finds_labels: `find_label` can ask by our
    reference. settle_seconds: how long after an unanswered purchase "not found" may still turn into "found"; 0 where
    buying twice under one reference is one purchase. tracks, closes_manifests, sends_webhooks: whether those calls
    exist; without them people record the news, and we print our own list.
    """

    title: str
    fields: Sequence[Field]
    is_local: bool
    has_tariff: bool
    finds_labels: bool
    settle_seconds: int
    tracks: bool
    closes_manifests: bool
    sends_webhooks: bool
    account: AccountFacts

    def check(self) -> str:
        """Sign in and say who we are to them: one sentence for the set-up page."""
        ...

    def services(self) -> list[ServiceFact]: ...

    def rates(self, request: RateRequest, *, timeout: float) -> list[RateOffer]:
        """Offers for all parcels together. An empty list means: asked, and nothing fits."""
        ...

    def buy(self, request: LabelRequest) -> LabelResult: ...

    def find_label(self, reference: str) -> LabelResult | None:
        """The label sold under this reference, or None when none was, or it is voided."""
        ...

    def void(self, label_id: str, tracking_number: str) -> None:
        """Take it back. Quiet when it is void already; a permanent error when it was used."""
        ...

    def close_manifest(self, request: ManifestRequest) -> ManifestResult: ...

    def track(self, tracking_numbers: Sequence[str]) -> dict[str, list[TrackingNews]]:
        """All news of each number it knows, in any order."""
        ...

    def register_webhook(self, url: str, secret: str) -> None:
        """Tell it where to send news. Asking again with the same address is one registration."""
        ...

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Signed by them, over the raw body? `headers` has lower-case names."""
        ...

    def message_key(self, headers: Mapping[str, str], body: bytes) -> str:
        """What makes two deliveries the same one: their delivery id, or a digest of the body."""
        ...

    def read_webhook(self, body: bytes) -> list[WebhookNews]: ...


def _aware(value: datetime, name: str) -> None:
    if value.tzinfo is None:
        raise ValueError(f"{name} needs a time zone")
