"""A carrier that exists only on this machine, with books and faults of its own: for trying things out and for tests."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from django.conf import settings

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
from carriers.providers.fake import mapping
from carriers.providers.fake.client import Client

A_FEW = 50


class Fake(Provider):
    title = "Fake carrier (for trying out)"
    fields: Sequence[Field] = (
        Field(
            "base_url",
            "Address of the server",
            "Where `manage.py fake_carrier` listens. Empty: the one that was started with this copy.",
            required=False,
            kind="url",
        ),
        Field("api_key", "Key", "The server prints it when it starts.", secret=True, default="fake-key"),
    )
    is_local = has_tariff = False
    finds_labels = tracks = closes_manifests = sends_webhooks = True
    settle_seconds = 0

    def __init__(self, account: AccountFacts) -> None:
        self.account = account
        base_url = str(account.config.get("base_url") or settings.FAKE_CARRIER_URL)
        self._client = Client(base_url, str(account.credentials.get("api_key", "")))

    def check(self) -> str:
        told = self._client.get("/v1/account")
        return f"Signed in as {told['name']}, {told['labels']} labels so far."

    def services(self) -> list[ServiceFact]:
        return [mapping.service(one) for one in self._client.get("/v1/services")["services"]]

    def rates(self, request: RateRequest, *, timeout: float) -> list[RateOffer]:
        told = self._client.post("/v1/rates", mapping.rate_body(request, self.account), timeout=timeout)
        return [self._read(mapping.offer, one, self.account) for one in told["offers"]]

    def buy(self, request: LabelRequest) -> LabelResult:
        return self._read(mapping.label, self._client.post("/v1/labels", mapping.label_body(request, self.account)))

    def find_label(self, reference: str) -> LabelResult | None:
        found = self._client.get("/v1/labels", {"reference": reference})["labels"]
        return self._read(mapping.label, found[0]) if found else None

    def void(self, label_id: str, tracking_number: str) -> None:
        self._client.post(f"/v1/labels/{label_id}/void", {})

    def close_manifest(self, request: ManifestRequest) -> ManifestResult:
        return self._read(mapping.manifest, self._client.post("/v1/manifests", mapping.manifest_body(request)))

    def track(self, tracking_numbers: Sequence[str]) -> dict[str, list[TrackingNews]]:
        found: dict[str, list[TrackingNews]] = {}
        for start in range(0, len(tracking_numbers), A_FEW):
            few = ",".join(tracking_numbers[start : start + A_FEW])
            found |= self._read(mapping.parcels, self._client.get("/v1/tracking", {"numbers": few}))
        return found

    def register_webhook(self, url: str, secret: str) -> None:
        self._client.post("/v1/webhooks", {"url": url, "secret": secret})

    def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> bool:
        secret = str(self.account.credentials.get("webhook_secret", ""))
        given = headers.get("x-fake-signature", "")
        return bool(secret) and hmac.compare_digest(signature(secret, body).encode(), given.encode())

    def message_key(self, headers: Mapping[str, str], body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()  # the delivery is numbered inside, where it is signed

    def read_webhook(self, body: bytes) -> list[WebhookNews]:
        return self._read(mapping.webhook, body)

    @staticmethod
    def _read(read, *told):
        """An answer that lacks what was agreed says nothing about what was done."""
        try:
            return read(*told)
        except (KeyError, TypeError, ValueError, ArithmeticError, IndexError) as e:
            raise CarrierError("The carrier's answer is not what was agreed.", ambiguous=True, code="unreadable") from e


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


PROVIDER = Fake
