"""What a customer sees behind an unguessable link: where the order is, a rating after delivery, a download."""

from io import BytesIO
from typing import Any

from django import forms
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from carriers.models import TrackingEvent
from fulfillment import digital
from fulfillment.models import Parcel
from fulfillment.statuses import FulfillmentOrderState, ShipmentState
from inventory.models import Download
from oms.common import throttle
from oms.common.locking import lock
from oms.common.permissions import public
from orders.models import DigitalGrant, Feedback, Order
from orders.statuses import OrderState

BYTES = "application/octet-stream"
LOOKS, WINDOW = 60, 60  # looks a minute from one address


class FeedbackForm(forms.Form):
    rating = forms.TypedChoiceField(
        label="How did it go?",
        coerce=int,
        choices=[(5, "5 – very well"), (4, "4 – well"), (3, "3 – all right"), (2, "2 – badly"), (1, "1 – very badly")],
    )
    comment = forms.CharField(label="Anything to add?", max_length=2000, required=False, widget=forms.Textarea)


@public
def track(request: HttpRequest, token: str) -> HttpResponse:
    if wait := throttle.too_often("public", throttle.client_address(request), limit=LOOKS, window=WINDOW):
        return _too_often(request, wait)
    order = get_object_or_404(Order.objects.select_related("pickup_location"), tracking_token=token)
    asked = order.delivered_at is not None and not Feedback.objects.filter(order=order).exists()
    form = FeedbackForm(request.POST or None) if asked else None
    if request.method == "POST" and (form is None or (form.is_valid() and _rate(order, form.cleaned_data))):
        return redirect("desk:track", token)
    context = {"order": order, "steps": steps(order), "parcels": _parcels(order), "form": form}
    context["waiting"] = order.fulfillment_orders.filter(state=FulfillmentOrderState.READY_FOR_PICKUP).select_related(
        "location"
    )
    context["grants"] = DigitalGrant.objects.filter(line__order=order, revoked_at=None).select_related("line")
    context["rated"] = Feedback.objects.filter(order=order).first()
    return render(request, "desk/public/track.html", context, status=422 if form and form.errors else 200)


@public
def download(request: HttpRequest, token: str) -> HttpResponse:
    if wait := throttle.too_often("public", throttle.client_address(request), limit=LOOKS, window=WINDOW):
        return _too_often(request, wait)
    try:
        grant = digital.find(token)
    except digital.NoGrant:
        return render(request, "desk/public/gone.html", status=404)
    file = Download.objects.filter(sku=grant.line.sku_id).defer("content").first()
    return render(request, "desk/public/download.html", {"grant": grant, "line": grant.line, "file": file})


@public
@require_GET
def file(request: HttpRequest, token: str) -> HttpResponse:
    """The bytes, always as a file to keep."""
    if wait := throttle.too_often("public", throttle.client_address(request), limit=LOOKS, window=WINDOW):
        return _too_often(request, wait)
    try:
        found = digital.fetch(token)
    except digital.NoGrant:
        return render(request, "desk/public/gone.html", status=404)
    return FileResponse(BytesIO(found.content), as_attachment=True, filename=found.name, content_type=BYTES)


def steps(order: Order) -> list[dict[str, Any]]:
    """Each with the time it was reached; the first not reached is the one it is at."""
    told = [("Received", order.placed_at), ("Confirmed", order.confirmed_at)]
    told += [("On its way", order.shipped_at), ("Delivered", order.delivered_at)]
    if order.state == OrderState.CANCELLED:
        told = [step for step in told if step[1]] + [("Cancelled", order.cancelled_at)]
    ahead = next((word for word, at in told if at is None), "")
    return [{"word": word, "at": at, "current": word == ahead} for word, at in told]


@transaction.atomic
def _rate(order: Order, told: dict[str, Any]) -> bool:
    """Once: who presses twice is heard once."""
    lock(Order.objects.filter(pk=order.pk))
    Feedback.objects.get_or_create(order=order, defaults=told)
    return True


def _parcels(order: Order) -> list[dict[str, Any]]:
    """What left, with the carrier's news; nothing about people or places of the house."""
    rows = Parcel.objects.filter(shipment__order=order, shipment__state=ShipmentState.HANDED_OVER)
    rows = rows.select_related("tracker").prefetch_related("lines__fulfillment_line__order_line")
    news: dict[int, list[TrackingEvent]] = {}
    ids = [row.tracker_id for row in rows if row.tracker_id]
    for event in TrackingEvent.objects.filter(tracker__in=ids).order_by("-at", "-pk"):
        news.setdefault(event.tracker_id, []).append(event)
    return [{"parcel": row, "events": news.get(row.tracker_id, [])} for row in rows.order_by("shipment", "position")]


def _too_often(request: HttpRequest, wait: int) -> HttpResponse:
    response = render(request, "desk/public/wait.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response
