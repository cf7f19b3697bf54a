"""What becomes of a parcel, as its carrier tells it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from carriers.providers.base.rates import aware
from carriers.statuses import Incident, TrackingStatus


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
        aware(self.at, "at")
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
