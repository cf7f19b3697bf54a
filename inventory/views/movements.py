"""The ledger, and the button that takes an adjustment back."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory import stock
from inventory.models import Location, Sku, StockMovement
from inventory.statuses import UNDOABLE, MovementKind
from inventory.templatetags.stock import reference_link
from oms.common import htmx, lists
from oms.common.once import once
from oms.common.permissions import requires

MOVEMENTS_SHOWN = 25


def movements(user: Any) -> QuerySet:
    rows = StockMovement.objects.select_related("sku", "location", "from_bin", "to_bin", "lot", "undone_by")
    if not user.all_locations:
        rows = rows.filter(location__in=Location.objects.visible_to(user))
    return rows.order_by("-at", "-pk")


def _bins(row: StockMovement) -> str:
    return " → ".join(str(bin) for bin in (row.from_bin, row.to_bin) if bin) or "–"


def _about(text: str) -> Q:
    """A reference, a SKU or part of a reason: each by an index of its own, for the ledger has millions of rows."""
    found = Q(reference__in=sorted({text, text.upper()})) | Q(reason__gt="", reason__icontains=text)
    sku = Sku.objects.filter(code__iexact=text).first()
    return found | Q(sku=sku) if sku else found


MOVEMENTS = lists.List(
    name="movements",
    noun="movements",
    rows=movements,
    columns=[
        lists.Column("at", "When", kind="time"),
        lists.Column("sku", "SKU", value="sku.code", kind="mono"),
        lists.Column("location", "Location", value="location.name"),
        lists.Column("kind", "What", value=lambda row: row.get_kind_display()),
        lists.Column("on_hand", "On hand", kind="number", value=lambda row: row.on_hand or None),
        lists.Column("allocated", "Allocated", kind="number", value=lambda row: row.allocated or None),
        lists.Column("bins", "Bins", value=_bins),
        lists.Column("reference", "For", html=lambda row: reference_link(row.reference)),
        lists.Column("reason", "Why"),
        lists.Column("actor", "Who", value="actor_label"),
        lists.Column("lot", "Lot", value=lambda row: row.lot and row.lot.code, extra=True),
        lists.Column("reserved", "Reserved", kind="number", extra=True),
        lists.Column("damaged", "Damaged", kind="number", extra=True),
    ],
    operators=[
        lists.Choice("kind", "what happened", "adjusted", lookup="kind", choices=MovementKind.choices),
        lists.Text("sku", "of a SKU", "MUG", lookups=["sku__code__iexact"]),
        lists.Text("location", "at a place", "BER", lookups=["location__code__iexact"]),
        lists.Date("at", "when", "today", lookup="at"),
        lists.Text("lot", "of a lot", "A7", lookups=["lot__code__iexact"]),
        lists.Text("by", "who", "anna", lookups=["actor_label__icontains"]),
    ],
    free=lambda text, user: _about(text),
    views=[lists.View("All"), lists.View("Adjustments", "kind:adjusted"), lists.View("Received", "kind:received")],
    empty=lists.Empty("No movements yet", "Everything that changes stock is written here, and stays."),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return MOVEMENTS.respond(request, "inventory/movements.html")


@requires("inventory.adjust")
@require_POST
@once
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(movements(request.user).filter(kind__in=UNDOABLE), pk=pk)
    back = reverse("inventory:sku", args=[row.sku.code])
    try:
        stock.undo(row.pk, by=request.user)
    except stock.StockRefused as e:
        return htmx.refused(request, e, redirect_to=back)
    return htmx.done(request, back, toast="Taken back. The ledger shows both.")
