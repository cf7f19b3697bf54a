"""Manifests: what waits for the driver, and the paper that goes with it."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from carriers import manifests
from carriers.models import Manifest
from carriers.statuses import ManifestState
from oms.common import htmx, lists
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires, requires_any


def counted(user: Any) -> QuerySet:
    return Manifest.objects.visible_to(user).select_related("account").defer("pdf").annotate(parcels=Count("labels"))


MANIFESTS = lists.List(
    name="manifests",
    noun="manifests",
    rows=counted,
    columns=[
        lists.Column("number", "Number", kind="mono", sort="number"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("carrier", "Carrier", value="account.name"),
        lists.Column("place", "From", value="location_code", kind="mono"),
        lists.Column("parcels", "Parcels", kind="number", sort="parcels"),
        lists.Column("begun", "Begun", value="created_at", kind="time", sort="created_at"),
        lists.Column("closed", "Closed", value="closed_at", kind="time"),
        lists.Column("reference", "Carrier's number", value="carrier_reference", kind="mono", extra=True),
    ],
    operators=[
        lists.Choice("state", "where it stands", "open", lookup="state", choices=ManifestState.choices),
        lists.Text("place", "where from", "BER", lookups=["location_code__iexact"]),
        lists.Text("carrier", "whose", "Fake", lookups=["account__name__icontains"]),
        lists.Date("closed", "when closed", "today", lookup="closed_at"),
    ],
    free=lambda text, user: Q(number__icontains=text) | Q(labels__tracking_number__iexact=text),
    views=[
        lists.View("Open", "state:open,closing", counted=True),
        lists.View("Closed today", "state:closed closed:today"),
        lists.View("All"),
    ],
    sort="-begun",
    row_url=lambda row: row.get_absolute_url(),
    empty=lists.Empty("No manifests yet", "The first labelled parcel of a carrier begins one."),
)


@requires_any("fulfillment.ship", "carriers.view")
def index(request: HttpRequest) -> HttpResponse:
    return MANIFESTS.respond(request, "carriers/manifests/index.html")


@requires_any("fulfillment.ship", "carriers.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    manifest = _found(request, number)
    parcels = manifest.labels.defer("pdf", "zpl", "request").order_by("pk")
    context = {"manifest": manifest, "parcels": parcels}
    return htmx.render_page_or_part(request, "carriers/manifests/show.html", "carriers/manifests/_state.html", context)


@requires("fulfillment.ship")
@require_POST
@once
def close(request: HttpRequest, number: str) -> HttpResponse:
    manifest = _found(request, number)
    try:
        manifests.close(manifest, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=manifest.get_absolute_url())
    return htmx.done(request, manifest, toast=f"{manifest} is being closed with {manifest.account}.")


@requires("fulfillment.ship")
@require_POST
@once
def remove(request: HttpRequest, number: str, label_pk: int) -> HttpResponse:
    manifest = _found(request, number)
    label = get_object_or_404(manifest.labels, pk=label_pk)
    try:
        manifests.remove(label, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=manifest.get_absolute_url())
    return htmx.done(request, manifest, toast=f"{label.tracking_number} stays behind.")


@requires_any("fulfillment.ship", "carriers.view")
@require_GET
def paper(request: HttpRequest, number: str) -> HttpResponse:
    manifest = _found(request, number)
    if not manifest.is_closed:
        return HttpResponse("It is printed once it is closed.", status=404, content_type="text/plain")
    headers = {"Content-Disposition": f'inline; filename="{manifest.number}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(bytes(manifest.pdf), content_type="application/pdf", headers=headers)


def _found(request: HttpRequest, number: str) -> Manifest:
    return get_object_or_404(Manifest.objects.visible_to(request.user).select_related("account"), number=number)
