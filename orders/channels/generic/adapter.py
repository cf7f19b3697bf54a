"""The generic channel over HTTP, in both directions."""

import json
from collections.abc import Mapping
from typing import Any

from oms.common import http
from orders.channels.base import BadPayload, ChannelError, ExternalOrder
from orders.channels.generic import mapping, signature

WAIT = 10.0


class Adapter:
    title = "Any shop, by signed webhook"

    def verify(self, channel: Any, headers: Mapping[str, str], body: bytes) -> bool:
        given = headers.get(signature.HEADER, "")
        return bool(given) and signature.verify(body, given, secrets_of(channel))

    def event_id(self, headers: Mapping[str, str], body: bytes) -> str:
        return headers.get("x-oms-event-id", "").strip()[:200]

    def read(self, channel: Any, headers: Mapping[str, str], body: bytes) -> ExternalOrder:
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as e:
            raise BadPayload({"body": f"Is not JSON: {e}."}) from e
        return mapping.read(data)

    def tell(self, channel: Any, topic: str, payload: Mapping[str, Any]) -> None:
        """POST to the channel's address; 2xx means taken, 4xx that trying again can't help."""
        body = json.dumps({"topic": topic, **payload}, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": payload["key"]}
        headers["X-OMS-Signature"] = signature.sign(body, secrets_of(channel)[0])
        try:
            with http.client(timeout=WAIT, headers=headers) as client:
                answer = client.post(channel.config["callback_url"], content=body)
        except (http.Failed, http.BadAddress) as e:
            raise ChannelError(f"{channel} does not answer: {e}") from e
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            wait = answer.headers.get("Retry-After", "")
            raise ChannelError(
                f"{channel} answers {answer.status_code}.", retry_after=float(wait) if wait.isdigit() else None
            )
        if answer.status_code >= 400:
            raise ChannelError(f"{channel} refuses: {answer.status_code} {answer.text[:200]}", permanent=True)


def secrets_of(channel: Any) -> list[str]:
    """The signing secret, and the one before it while it is being replaced."""
    return [channel.credentials.get("secret", ""), channel.credentials.get("previous_secret", "")]
