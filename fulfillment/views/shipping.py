"""From sealed to gone: offers side by side, the label, and the hand-over to the driver."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from carriers.models import CarrierAccount, Manifest
from carriers.statuses import LabelState, ManifestState
from fulfillment import dispatch, shipping
from fulfillment.models import Shipment
from fulfillment.statuses import ShipmentState
from fulfillment.views.packing import MOST_SHOWN, found, places
from fulfillment.views.places import offered
from oms.common import htmx
from oms.common.errors import Invalid, Refused
from oms.common.once import once
from oms.common.permissions import requires
from orders.statuses import Method


@requires("fulfillment.ship")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Sealed shipments without a label, the oldest first."""
    sealed = Shipment.objects.visible_to(request.user).filter(location__in=places(request), state=ShipmentState.SEALED)
    sealed = sealed.exclude(fulfillment_order__method=Method.PICKUP).select_related("order", "location")
    shown = sealed.annotate(boxes=Count("parcels")).order_by("sealed_at", "pk")[:MOST_SHOWN]
    return render(request, "fulfillment/ship/index.html", {**offered(request), "shipments": shown})


@requires("fulfillment.ship")
@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, found(request, number, "order__shipping_address", "location__address"))


@requires("fulfillment.ship")
@require_GET
def label(request: HttpRequest, number: str) -> HttpResponse:
    """The labels' state, which asks again by itself until all are settled; then the whole page has changed."""
    context = _labels(found(request, number))
    response = render(request, "fulfillment/ship/_labels.html", context)
    if not context["waiting"]:
        response["HX-Refresh"] = "true"
    return response


@requires("fulfillment.ship")
@require_POST
@once(atomic=False)
def choose(request: HttpRequest, number: str) -> HttpResponse:
    shipment = found(request, number)
    account_id, _, service = request.POST.get("offer", "").partition(":")
    if not account_id.isdecimal() or len(account_id) > 9:
        return _page(request, shipment, Invalid("Choose an offer."))
    account = get_object_or_404(CarrierAccount, pk=account_id)
    try:
        given = shipping.offers(shipment).choices
        choice = next((c for c in given if (c.offer.account_id, c.offer.service_code) == (account.pk, service)), None)
        if choice is None:
            raise Invalid("This offer is no longer there. Choose another.")
        because = choice.because or "chosen by hand"
        shipping.choose(shipment, account, service, offer=choice.offer, because=because, by=request.user)
    except Refused as e:
        return _page(request, shipment, e)
    return htmx.done(request, redirect("fulfillment:ship-shipment", number).url, toast="The label is being bought.")


@requires("fulfillment.ship")
@require_POST
@once
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    shipment = found(request, number)
    try:
        shipping.take_back(shipment, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=redirect("fulfillment:ship-shipment", number).url)
    return htmx.done(request, redirect("fulfillment:ship-shipment", number).url, toast="The label is taken back.")


@requires("fulfillment.ship")
@once
def handover(request: HttpRequest) -> HttpResponse:
    """Scan what the driver takes: a tracking number or a shipment number."""
    ready = Shipment.objects.visible_to(request.user).filter(location__in=places(request), state=ShipmentState.LABELLED)
    context = {
        **offered(request),
        "ready": ready.select_related("order", "account").order_by("labelled_at", "pk")[:MOST_SHOWN],
    }
    if request.method != "POST":
        return render(request, "fulfillment/ship/handover.html", context)
    code, without = request.POST.get("code", "").strip(), request.POST.get("without_label", "").strip()[:200]
    try:
        shipment = dispatch.hand_over(_scanned(request, code), without_label=without, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/ship/handover.html", context=context)
    return htmx.done(request, "fulfillment:handover", toast=f"{shipment} is handed over.")


@requires("fulfillment.ship")
@require_GET
def manifests(request: HttpRequest) -> HttpResponse:
    return render(request, "fulfillment/ship/manifests.html", _open_manifests(request))


@requires("fulfillment.ship")
@require_POST
@once(atomic=False)
def hand_over_manifest(request: HttpRequest, number: str) -> HttpResponse:
    manifest = get_object_or_404(Manifest.objects.visible_to(request.user), number=number)
    try:
        done = dispatch.hand_over_manifest(manifest, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/ship/manifests.html", context=_open_manifests(request))
    return render(
        request, "fulfillment/ship/manifests.html", {**_open_manifests(request), "done": done, "of": manifest}
    )


def _open_manifests(request: HttpRequest) -> dict[str, Any]:
    waiting = Manifest.objects.visible_to(request.user).exclude(state=ManifestState.CLOSED).select_related("account")
    return {"manifests": waiting.defer("pdf").annotate(count=Count("shipments")).order_by("pk")[:MOST_SHOWN]}


def _scanned(request: HttpRequest, code: str) -> Shipment:
    visible = Shipment.objects.visible_to(request.user)
    shipment = visible.filter(number__iexact=code).first() if code else None
    if shipment is None and code:
        shipment = visible.filter(parcels__tracking_number__iexact=code).order_by("-pk").first()
    if shipment is None:
        raise Invalid(f"“{code}” is no parcel and no shipment of yours.")
    return shipment


def _labels(shipment: Shipment) -> dict[str, Any]:
    parcels = list(shipment.parcels.filter(sealed_at__isnull=False).select_related("label").order_by("position"))
    waiting = any(one.label_id and one.label.state in (LabelState.REQUESTED, LabelState.UNKNOWN) for one in parcels)
    return {"shipment": shipment, "parcels": parcels, "waiting": waiting}


def _page(request: HttpRequest, shipment: Shipment, refusal: Refused | None = None) -> HttpResponse:
    context: dict[str, Any] = {**_labels(shipment), "choices": None, "refusal": refusal}
    live = any(one.label_id and one.label.is_live for one in context["parcels"])
    if shipment.state == ShipmentState.SEALED and not live:
        try:
            context["choices"] = shipping.offers(shipment, context["parcels"])
        except Refused as e:
            context["refusal"] = refusal or e
    context["live"] = live
    context["invoices"] = shipment.order.documents.filter(kind="invoice").order_by("pk")
    return render(request, "fulfillment/ship/show.html", context, status=422 if refusal else 200)
