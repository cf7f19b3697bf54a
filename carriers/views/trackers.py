"""The board of parcels on their way: late, silent, in trouble, arrived. And the whole story of one."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from carriers import tracking
from carriers.forms import NewsForm
from carriers.models import Tracker, TrackingEvent
from carriers.statuses import FINAL, MOVING, Direction, Incident, TrackingStatus
from oms.common import htmx, lists
from oms.common.actors import Actor
from oms.common.once import once
from oms.common.permissions import requires_any

TROUBLE = (TrackingStatus.DELIVERY_FAILED, TrackingStatus.ON_HOLD, TrackingStatus.RETURN_TO_SENDER)
LATE = Q(deliver_by__lt=Now()) & ~Q(status__in=[*FINAL, TrackingStatus.PENDING])
LOST = Q(incident_reason=Incident.LOST)
ICONS = {
    TrackingStatus.PENDING: "file-text",
    TrackingStatus.DELIVERED: "circle-check",
    TrackingStatus.DELIVERY_FAILED: "triangle-alert",
    TrackingStatus.ON_HOLD: "triangle-alert",
    TrackingStatus.RETURN_TO_SENDER: "undo-2",
    TrackingStatus.CANCELLED: "x",
}
TONES = {
    TrackingStatus.DELIVERED: "ok",
    TrackingStatus.DELIVERY_FAILED: "bad",
    TrackingStatus.ON_HOLD: "warn",
    TrackingStatus.DELIVERY_DELAYED: "warn",
    TrackingStatus.RETURN_TO_SENDER: "bad",
}


def watched(user: Any) -> QuerySet:
    return Tracker.objects.visible_to(user).select_related("account")


TRACKERS = lists.List(
    name="tracking",
    noun="parcels",
    rows=watched,
    columns=[
        lists.Column("number", "Tracking number", value="tracking_number", kind="mono"),
        lists.Column("status", "Status", template="carriers/trackers/_status.html"),
        lists.Column("reference", "Parcel", kind="mono"),
        lists.Column("carrier", "Carrier", value="account.name"),
        lists.Column("last", "Last news", value="last_text"),
        lists.Column("heard", "Heard", value="last_event_at", kind="time", sort="last_event_at"),
        lists.Column("due", "Promised", value="deliver_by", kind="time", sort="deliver_by"),
        lists.Column("expected", "Expected", value="estimated_at", kind="time", extra=True),
        lists.Column("place", "Place", value="last_place", extra=True),
    ],
    operators=[
        lists.Choice("status", "what the carrier says", "in_transit", lookup="status", choices=TrackingStatus.choices),
        lists.Is(
            conditions={
                "late": LATE,
                "silent": Q(stale=True) & ~Q(status__in=FINAL),
                "trouble": Q(status__in=TROUBLE) | LOST,
                "lost": LOST,
                "moving": Q(status__in=MOVING),
            }
        ),
        lists.Choice("why", "what went wrong", "absent", lookup="incident_reason", choices=Incident.choices[1:]),
        lists.Choice("way", "which way", "return", lookup="direction", choices=Direction.choices),
        lists.Text("carrier", "whose", "Fake", lookups=["account__name__icontains"]),
        lists.Date("delivered", "when it arrived", "today", lookup="delivered_at"),
    ],
    free=lambda text, user: Q(tracking_number__icontains=text) | Q(reference__icontains=text),
    views=[
        lists.View("Late", "is:late", counted=True),
        lists.View("Silent", "is:silent", counted=True),
        lists.View("Trouble", "is:trouble", counted=True),
        lists.View("On the way", "is:moving"),
        lists.View("Delivered", "status:delivered"),
        lists.View("All"),
    ],
    sort="due",
    row_url=lambda row: row.get_absolute_url(),
    empty=lists.Empty("No parcels yet", "Every parcel is watched from the moment its label is bought."),
)


@requires_any("carriers.view", "fulfillment.ship")
def index(request: HttpRequest) -> HttpResponse:
    return TRACKERS.respond(request, "carriers/trackers/index.html")


@requires_any("carriers.view", "fulfillment.ship")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    tracker = _found(request, pk)
    form = NewsForm(initial={"at": timezone.localtime()})
    return render(request, "carriers/trackers/show.html", _context(tracker, form))


@requires_any("carriers.manage", "fulfillment.ship")
@require_POST
@once
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """What a person heard of the parcel."""
    tracker, form = _found(request, pk), NewsForm(request.POST)
    if not form.is_valid():
        return render(request, "carriers/trackers/show.html", _context(tracker, form), status=422)
    tracking.record(tracker, [form.news(Actor.of(request.user).label)])
    return htmx.done(request, tracker, toast="Noted.")


@requires_any("carriers.manage", "fulfillment.ship")
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the carrier now."""
    tracker = _found(request, pk)
    tracking.poll(tracker.account, [tracker])
    tracker.refresh_from_db()
    return htmx.done(request, tracker, toast=tracker.problem or f"{tracker}: {tracker.get_status_display().lower()}.")


def _context(tracker: Tracker, form: NewsForm) -> dict[str, Any]:
    events = tracker.events.order_by("-at", "-pk")
    entries = [_entry(event) for event in events]
    return {"tracker": tracker, "form": form, "entries": entries, "asked": tracking.is_asked(tracker.account)}


def _entry(event: TrackingEvent) -> dict[str, Any]:
    said = [event.place, event.get_incident_reason_display() if event.incident_reason else ""]
    said += [f"Taken by {event.signed_by}" if event.signed_by else "", event.code]
    return {
        "text": event.text or event.get_status_display(),
        "at": event.at,
        "actor": event.get_status_display(),
        "icon": ICONS.get(event.status, "truck"),
        "tone": TONES.get(event.status, ""),
        "said": " · ".join(part for part in said if part),
    }


def _found(request: HttpRequest, pk: int) -> Tracker:
    return get_object_or_404(Tracker.objects.visible_to(request.user).select_related("account"), pk=pk)
