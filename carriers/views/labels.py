"""Labels: what was asked and bought, the paper to print, and what a person can do about one."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from carriers import labels
from carriers.models import Label
from carriers.providers.base import LabelRequest
from carriers.statuses import Direction, LabelState, TrackingStatus
from oms.common import htmx, lists
from oms.common.once import once
from oms.common.permissions import requires, requires_any


def seen(user: Any) -> QuerySet:
    return Label.objects.visible_to(user).select_related("account", "manifest").defer("pdf", "zpl", "request")


LABELS = lists.List(
    name="labels",
    noun="labels",
    rows=seen,
    columns=[
        lists.Column("reference", "Parcel", kind="mono", sort="reference"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("carrier", "Carrier", value="account.name"),
        lists.Column("service", "Service", value=lambda row: row.service_name or row.service_code),
        lists.Column("number", "Tracking number", value="tracking_number", kind="mono"),
        lists.Column("cost", "Cost", value="cost_money", kind="money"),
        lists.Column("manifest", "Manifest", value=lambda row: row.manifest.number if row.manifest else ""),
        lists.Column("asked", "Asked for", value="created_at", kind="time", sort="created_at"),
        lists.Column("by", "By", value="requested_by_label", extra=True),
        lists.Column("printed", "Printed", kind="number", extra=True),
    ],
    operators=[
        lists.Choice("state", "where it stands", "unknown", lookup="state", choices=LabelState.choices),
        lists.Choice("way", "which way", "return", lookup="direction", choices=Direction.choices),
        lists.Text("carrier", "whose", "Fake", lookups=["account__name__icontains"]),
        lists.Date("asked", "when asked for", "today", lookup="created_at"),
    ],
    free=lambda text, user: Q(reference__icontains=text) | Q(tracking_number__icontains=text),
    views=[
        lists.View("All"),
        lists.View("Not settled", "state:requested,unknown", counted=True),
        lists.View("Failed", "state:failed"),
        lists.View("Returns", "way:return"),
    ],
    sort="-asked",
    row_url=lambda row: row.get_absolute_url(),
    empty=lists.Empty("No labels yet", "They appear here as packers choose a carrier for a parcel."),
)


@requires("carriers.view")
def index(request: HttpRequest) -> HttpResponse:
    return LABELS.respond(request, "carriers/labels/index.html")


@requires("carriers.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    label = _found(request, pk)
    asked = LabelRequest.from_json(label.request)
    others = Label.objects.filter(parcel_reference=label.parcel_reference).exclude(pk=label.pk).order_by("pk")
    still_here = label.tracker is None or label.tracker.status == TrackingStatus.PENDING
    context = {"label": label, "asked": asked, "others": others, "voidable": label.is_live and still_here}
    return htmx.render_page_or_part(request, "carriers/labels/show.html", "carriers/labels/_state.html", context)


@requires_any("carriers.view", "fulfillment.pack", "returns.receive")
@require_GET
def paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The label to print. Printing again costs nothing and is counted."""
    label = get_object_or_404(Label, pk=pk)
    content = {"pdf": bytes(label.pdf), "zpl": label.zpl.encode()}.get(kind, b"")
    if not content or label.state != LabelState.BOUGHT:
        return HttpResponse("There is no such label to print.", status=404, content_type="text/plain")
    labels.printed(label)
    content_type = "application/pdf" if kind == "pdf" else "text/plain; charset=utf-8"
    headers = {"Content-Disposition": f'inline; filename="{label.tracking_number}.{kind}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)


@requires_any("carriers.manage", "fulfillment.pack")
@require_POST
@once
def void(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda label: labels.void(label.pk, by=request.user), "The carrier is being told.")


@requires_any("carriers.manage", "fulfillment.pack")
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the carrier now whether it was bought."""
    label = _found(request, pk)
    label = labels.resolve(label.pk)
    return htmx.done(request, label, toast=f"{label} is {label.get_state_display().lower()}.")


@requires("carriers.manage")
@require_POST
@once
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda label: labels.give_up(label.pk, by=request.user), "The parcel may get another.")


def _act(request: HttpRequest, pk: int, verb: Callable[[Label], Label], toast: str) -> HttpResponse:
    label = _found(request, pk)

    def done() -> str:
        verb(label)
        return toast

    return htmx.act(request, label.get_absolute_url(), done)


def _found(request: HttpRequest, pk: int) -> Label:
    seen = Label.objects.visible_to(request.user).select_related("account", "tracker", "manifest")
    return get_object_or_404(seen.defer("pdf"), pk=pk)
