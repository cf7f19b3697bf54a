"""One status out of all news of a parcel. It depends on what was said, never on when or how often we heard it.

Delivered and coming back stay, the earlier of both wins. Otherwise the latest event decides, of equals the further one;
but what is said of a parcel on its way outweighs whatever is said of one that has not been picked up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from carriers.statuses import RANKS, STICKY, Incident, TrackingStatus

STAGES = {
    TrackingStatus.UNKNOWN: 0,
    TrackingStatus.PENDING: 1,
    TrackingStatus.CANCELLED: 2,
    TrackingStatus.PICKED_UP: 3,
}
ON_THE_WAY = 4


class Event(Protocol):
    at: datetime
    status: str
    key: str
    text: str
    place: str
    incident_reason: str
    signed_by: str


@dataclass(frozen=True)
class Projection:
    """`left` is when the carrier took it; `decided` the event that gives the status."""

    status: str
    incident_reason: str
    last_event_at: datetime
    last_text: str
    last_place: str
    picked_up_at: datetime | None
    delivered_at: datetime | None
    signed_by: str


def project(events: Iterable[Any]) -> Projection | None:
    """None while nothing is known."""
    told = sorted(events, key=lambda event: (event.at, RANKS[event.status], event.key))
    if not told:
        return None
    ends = [event for event in told if event.status in STICKY]
    decided = ends[0] if ends else max(told, key=_weight)
    moved = [event for event in told if STAGES.get(event.status, ON_THE_WAY) > STAGES[TrackingStatus.CANCELLED]]
    delivered = decided.status == TrackingStatus.DELIVERED
    return Projection(
        status=decided.status,
        incident_reason=decided.incident_reason or Incident.NONE,
        last_event_at=told[-1].at,
        last_text=decided.text,
        last_place=decided.place,
        picked_up_at=moved[0].at if moved else None,
        delivered_at=decided.at if delivered else None,
        signed_by=decided.signed_by if delivered else "",
    )


def _weight(event: Any) -> tuple:
    return STAGES.get(event.status, ON_THE_WAY), event.at, RANKS[event.status], event.key
