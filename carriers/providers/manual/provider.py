"""A carrier with an agreed price list and no price service: everything is worked out and drawn here, without network.

For own vans, local couriers and contracts on paper. Numbers follow from the reference, so buying twice is one label.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from carriers import paper
from carriers.providers.base import (
    AccountFacts,
    CarrierError,
    Field,
    LabelRequest,
    LabelResult,
    ManifestRequest,
    ManifestResult,
    Provider,
    RateOffer,
    RateRequest,
    ServiceFact,
    TrackingNews,
    WebhookNews,
)
from carriers.providers.manual.tariff import ServicePrices, Tariff

HOLDS_FOR = timedelta(days=1)


class Manual(Provider):
    title = "Own rate tables"
    fields: Sequence[Field] = (
        Field("prefix", "Start of tracking numbers", "Two to six letters, printed first on each label.", default="OMS"),
        Field(
            "tracking_url",
            "Tracking page",
            "Where a parcel can be followed; {number} stands for its number. Empty if there is none.",
            required=False,
        ),
    )
    is_local = has_tariff = True
    finds_labels = tracks = closes_manifests = sends_webhooks = False
    settle_seconds = 0

    def __init__(self, account: AccountFacts, tariff: Tariff) -> None:
        self.account, self.tariff = account, tariff

    def check(self) -> str:
        priced = [service for service in self.tariff.services if service.tables]
        if not priced:
            raise CarrierError("No active service has a rate table yet.", permanent=True)
        return f"{len(priced)} services with prices, {len(self.tariff.zones)} zones."

    def services(self) -> list[ServiceFact]:
        return [ServiceFact(service.code, service.name) for service in self.tariff.services]

    def rates(self, request: RateRequest, *, timeout: float) -> list[RateOffer]:
        found = [self._offer(service, request) for service in self.tariff.services]
        return [offer for offer in found if offer]

    def buy(self, request: LabelRequest) -> LabelResult:
        service = next((one for one in self.tariff.services if one.code == request.service_code), None)
        offer = self._offer(service, request.rate_request()) if service else None
        if offer is None:
            raise CarrierError(f"“{request.service_code}” has no price for this parcel any more.", permanent=True)
        number, name = self.number(request.reference), offer.service_name
        look = {"carrier": self.account.name, "service": name, "number": number}
        look["format"] = request.format or self.account.label_format
        return LabelResult(
            tracking_number=number,
            carrier_label_id=number,
            cost=offer.price,
            pdf=paper.label_pdf(request, **look),
            zpl=paper.label_zpl(request, **look),
            tracking_url=str(self.account.config.get("tracking_url", "")).replace("{number}", number),
        )

    def number(self, reference: str) -> str:
        """Twelve digits out of account and reference, and a check digit against typing errors."""
        digest = hashlib.sha256(f"{self.account.id}|{reference}".encode()).hexdigest()
        digits = f"{int(digest, 16) % 10**12:012d}"
        return f"{self.account.config.get('prefix') or 'OMS'}{digits}{check_digit(digits)}".upper()

    def void(self, label_id: str, tracking_number: str) -> None:
        """Nobody was told, so nobody needs to be told."""

    def find_label(self, reference: str) -> LabelResult | None:
        return None

    def close_manifest(self, request: ManifestRequest) -> ManifestResult:
        raise CarrierError("Our own list is the manifest.", permanent=True)

    def track(self, tracking_numbers: Sequence[str]) -> dict[str, list[TrackingNews]]:
        return {}

    def register_webhook(self, url: str, secret: str) -> None:
        raise CarrierError("This carrier sends no news.", permanent=True)

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def message_key(self, headers: Mapping[str, str], body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()

    def read_webhook(self, body: bytes) -> list[WebhookNews]:
        return []

    def _offer(self, service: ServicePrices, request: RateRequest) -> RateOffer | None:
        priced = self.tariff.price(service, request)
        return priced and RateOffer(
            account_id=self.account.id,
            service_code=service.code,
            service_name=service.name,
            carrier=self.account.name,
            price=priced.total,
            base=priced.base,
            surcharges=priced.charges,
            billable_g=priced.billable_g,
            expires_at=request.ship_at + HOLDS_FOR,
        )


def check_digit(digits: str) -> int:
    """Luhn's: finds one wrong digit and most swapped neighbours."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - i % 2)
        total += value - 9 if value > 9 else value
    return -total % 10


PROVIDER = Manual
