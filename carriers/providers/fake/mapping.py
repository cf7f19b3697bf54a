"""Between our words and the fake carrier's JSON."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from carriers.providers.base import (
    AccountFacts,
    Charge,
    LabelRequest,
    LabelResult,
    ManifestRequest,
    ManifestResult,
    RateOffer,
    RateRequest,
    ServiceFact,
    TrackingNews,
    WebhookNews,
)
from carriers.providers.fake.codes import CODES
from carriers.statuses import Incident, TrackingStatus
from oms.common.money import Money

Json = Mapping[str, Any]


def rate_body(request: RateRequest, account: AccountFacts) -> dict[str, Any]:
    return {
        "from": asdict(request.origin),
        "to": asdict(request.destination),
        "parcels": [asdict(parcel) for parcel in request.parcels],
        "bill_in": account.currency,
        "dim_divisor": account.dim_divisor,
        "ship_at": request.ship_at.isoformat(),
        "direction": request.direction,
    }


def label_body(request: LabelRequest, account: AccountFacts) -> dict[str, Any]:
    return {
        **rate_body(request.rate_request(), account),
        "reference": request.reference,
        "service": request.service_code,
        "format": request.format or account.label_format,
        "printed_reference": request.printed_reference,
        "contents": request.contents,
        "value": {"amount": str(request.value.amount), "currency": request.value.currency},
    }


def manifest_body(request: ManifestRequest) -> dict[str, Any]:
    return {
        "reference": request.reference,
        "place": request.location_code,
        "date": request.ship_date.isoformat(),
        "numbers": list(request.tracking_numbers),
    }


def service(told: Json) -> ServiceFact:
    return ServiceFact(told["code"], told["name"], told["days"][0], told["days"][1])


def offer(told: Json, account: AccountFacts) -> RateOffer:
    currency = told["currency"]
    return RateOffer(
        account_id=account.id,
        service_code=told["service"],
        service_name=told["name"],
        carrier=account.name,
        price=Money(Decimal(told["price"]), currency),
        base=Money(Decimal(told["base"]), currency),
        surcharges=tuple(Charge(e["name"], Money(Decimal(e["amount"]), currency)) for e in told["surcharges"]),
        transit_days=told["days"],
        billable_g=told["billable_g"],
        expires_at=datetime.fromisoformat(told["expires_at"]),
    )


def label(told: Json) -> LabelResult:
    return LabelResult(
        tracking_number=told["number"],
        carrier_label_id=told["id"],
        cost=Money(Decimal(told["price"]), told["currency"]),
        pdf=base64.b64decode(told["pdf"]),
        zpl=told["zpl"],
        tracking_url=told.get("tracking_url", ""),
    )


def manifest(told: Json) -> ManifestResult:
    return ManifestResult(told["id"], base64.b64decode(told["pdf"]), dict(told["refused"]))


def event(told: Json) -> TrackingNews:
    """A code that we do not know is kept as it is and moves nothing."""
    status, incident, _ = CODES.get(told["code"], (TrackingStatus.UNKNOWN, Incident.NONE, ""))
    expected = told.get("expected_at")
    return TrackingNews(
        at=datetime.fromisoformat(told["at"]),
        status=status,
        text=told.get("text", ""),
        place=told.get("place", ""),
        code=told["code"],
        id=str(told["id"]),
        incident_reason=incident,
        signed_by=told.get("signed_by", ""),
        estimated_at=datetime.fromisoformat(expected) if expected else None,
    )


def parcels(told: Json) -> dict[str, list[TrackingNews]]:
    return {parcel["number"]: [event(one) for one in parcel["events"]] for parcel in told["parcels"]}


def webhook(body: bytes) -> list[WebhookNews]:
    return [WebhookNews(number, news) for number, news in parcels(json.loads(body)).items()]
