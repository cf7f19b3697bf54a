"""What a carrier must be able to do, and what it knows of its account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from carriers.providers.base.labels import LabelRequest, LabelResult, ManifestRequest, ManifestResult
from carriers.providers.base.news import TrackingNews, WebhookNews
from carriers.providers.base.rates import RateOffer, RateRequest
from carriers.statuses import LabelFormat


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
