"""Labels that are asked for and sold, and the list a driver signs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from carriers.providers.base.rates import ParcelSpec, RateRequest, aware
from carriers.statuses import Direction
from oms.common.money import Money
from oms.common.postal import PostalAddress


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
        aware(self.ship_at, "ship_at")

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
