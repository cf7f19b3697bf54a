"""The pack station: open a shipment by any code on the work, scan every unit into a parcel, seal it, print the slip."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from fulfillment import codes, documents, packing, work
from fulfillment.models import BoxType, FulfillmentOrder, Shipment
from fulfillment.statuses import FulfillmentOrderState, ShipmentState
from fulfillment.views.places import chosen, offered
from inventory.models import Location
from oms.common import htmx
from oms.common.errors import Refused
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires, requires_any

MOST_SHOWN = 50


class SealForm(forms.Form):
    box = forms.ModelChoiceField(BoxType.objects.filter(active=True), required=False, empty_label="Own packaging")
    weight_g = forms.IntegerField(
        label="Weight in g", required=False, min_value=1, max_value=1_000_000, help_text="Empty: what it should weigh."
    )


@requires("fulfillment.pack")
@once
def pack(request: HttpRequest) -> HttpResponse:
    """What waits to be packed here, and the scan that opens it."""
    if request.method != "POST":
        return render(request, "fulfillment/pack/index.html", _queue(request))
    try:
        code = request.POST.get("code", "")
        shipment = packing.start(code, location=_place_of(request, code), by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/pack/index.html", context=_queue(request))
    return htmx.done(request, _url(shipment))


@requires("fulfillment.pack")
@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "fulfillment/pack/show.html", _context(found(request, number)))


@requires("fulfillment.pack")
@require_POST
@once
def scan(request: HttpRequest, number: str) -> HttpResponse:
    serial = request.POST.get("serial", "")
    return _scanned(request, number, partial(packing.scan, serial=serial))


@requires("fulfillment.pack")
@require_POST
@once
def unscan(request: HttpRequest, number: str) -> HttpResponse:
    return _scanned(request, number, packing.unscan)


@requires("fulfillment.pack")
@require_POST
@once
def seal(request: HttpRequest, number: str) -> HttpResponse:
    shipment, form = found(request, number), SealForm(request.POST)
    if not form.is_valid():
        return render(request, "fulfillment/pack/show.html", _context(shipment, form), status=422)
    said, anyway = form.cleaned_data, request.POST.get("anyway") == "1"
    try:
        parcel = packing.seal(shipment, said["weight_g"], box=said["box"], anyway=anyway, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/pack/show.html", context=_context(shipment, form))
    shipment.refresh_from_db()
    done = shipment.state == ShipmentState.SEALED
    to_ship = done and shipment.order.shipping_address_id and request.user.can("fulfillment.ship")
    target = redirect("fulfillment:ship-shipment", number).url if to_ship else _url(shipment)
    return htmx.done(request, target, toast=f"Parcel {parcel.position} is sealed.")


@requires("fulfillment.pack")
@require_POST
@once
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    try:
        packing.reopen(found(request, number), by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to="fulfillment:pack")
    return htmx.done(request, "fulfillment:pack", toast=f"{number} is unpacked. Scan its tote to pack it anew.")


@requires_any("fulfillment.pack", "fulfillment.ship")
@require_GET
def slip(request: HttpRequest, number: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{number}-slip.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(documents.packing_slip(found(request, number)), content_type="application/pdf", headers=headers)


def found(request: HttpRequest, number: str, *related: str) -> Shipment:
    visible = Shipment.objects.visible_to(request.user).select_related("order", "fulfillment_order", "location")
    return get_object_or_404(visible.select_related(*related) if related else visible, number=number)


def places(request: HttpRequest) -> Any:
    """Where this page looks: the chosen location, else all that the person may see."""
    here = chosen(request)
    return [here] if here else Location.objects.visible_to(request.user)


def _place_of(request: HttpRequest, code: str) -> Location | None:
    """Where the code is looked for: the chosen location, else the first of the person's that knows it."""
    if here := chosen(request):
        return here
    if request.user.all_locations:
        return None
    mine = list(Location.objects.visible_to(request.user))
    if not mine:
        raise work.NotNow("You have no location to pack at.")
    return next((place for place in mine if codes.work_at(place.pk, code)), mine[0])


def _scanned(request: HttpRequest, number: str, verb: Callable[..., Any]) -> HttpResponse:
    shipment, quantity = found(request, number), request.POST.get("quantity", "1")
    units = whole(quantity, digits=5)
    units = 1 if units is None else units
    try:
        verb(shipment, request.POST.get("code", ""), quantity=units, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/pack/show.html", context=_context(shipment))
    return htmx.done(request, _url(shipment))


def _queue(request: HttpRequest) -> dict[str, Any]:
    here = places(request)
    waiting = FulfillmentOrder.objects.filter(location__in=here, state=FulfillmentOrderState.PICKED)
    return {
        **offered(request),
        "waiting": waiting.select_related("order", "location").order_by("ship_by", "pk")[:MOST_SHOWN],
        "begun": Shipment.objects.filter(location__in=here, state=ShipmentState.DRAFT)
        .select_related("order")
        .order_by("pk")[:MOST_SHOWN],
    }


def _context(shipment: Shipment, form: SealForm | None = None) -> dict[str, Any]:
    draft = shipment.state == ShipmentState.DRAFT
    rows = packing.rows(shipment) if draft else []
    boxes = packing.propose_box(shipment) if draft else []
    best = boxes[0] if boxes else None
    return {
        "shipment": shipment,
        "draft": draft,
        "rows": rows,
        "left": sum(row.remaining for row in rows),
        "scanned": sum(row.scanned for row in rows),
        "box": best,
        "expected": packing.expected_weight_g(shipment, best) if draft else 0,
        "form": form or SealForm(initial={"box": best}),
        "parcels": shipment.parcels.filter(sealed_at__isnull=False).select_related("box", "label").order_by("position"),
    }


def _url(shipment: Shipment) -> str:
    return redirect("fulfillment:pack-shipment", shipment.number).url
