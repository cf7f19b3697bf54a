"""Lots by expiry, and one of them from where it came to whom it went."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from inventory import lots
from inventory.models import BinStock, Lot
from inventory.statuses import PICKABLE
from inventory.views.movements import MOVEMENTS_SHOWN, movements
from oms.common import lists
from oms.common.permissions import requires

THERE = BinStock.objects.filter(lot=OuterRef("pk"), quantity__gt=0)


def counted(user: Any) -> QuerySet:
    sums = THERE.order_by().values("lot").annotate(units=Sum("quantity")).values("units")
    return Lot.objects.visible_to(user).select_related("sku").annotate(units=Coalesce(sums, 0))


def _day(lot: Lot) -> str | None:
    return f"{lot.expires_on:%-d %b %Y}" if lot.expires_on else None


LOTS = lists.List(
    name="lots",
    noun="lots",
    rows=counted,
    columns=[
        lists.Column("code", "Lot", kind="mono", sort="code"),
        lists.Column("sku", "SKU", value="sku.code", kind="mono"),
        lists.Column("name", "Name", value="sku.name"),
        lists.Column("expires", "Expires", value=_day, sort="expires_on"),
        lists.Column("units", "On hand", kind="number", sort="units"),
        lists.Column("received", "First came", value="received_at", kind="time"),
    ],
    operators=[
        lists.Is(
            conditions={
                "there": Q(Exists(THERE)),
                "over": lambda user: Q(Exists(THERE), expires_on__lt=timezone.localdate()),
            }
        ),
        lists.Text("sku", "of a SKU", "MILK", lookups=["sku__code__iexact"]),
        lists.Date("expires", "when it expires", "today", lookup="expires_on", whole_days=True),
    ],
    free=lambda text, user: Q(code__icontains=text) | Q(sku__code__iexact=text),
    views=[lists.View("All"), lists.View("On hand", "is:there"), lists.View("Over", "is:over", counted=True)],
    sort="expires_on",
    row_url=lambda lot: lot.get_absolute_url(),
    empty=lists.Empty("No lots yet", "SKUs that are kept by lot get theirs when a purchase is received."),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return LOTS.respond(request, "inventory/lots/index.html")


@requires("inventory.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.visible_to(request.user).select_related("sku"), pk=pk)
    bins = BinStock.objects.filter(lot=lot, quantity__gt=0).select_related("bin__location")
    context = {
        "to_clear": lot.is_over and bins.filter(bin__kind__in=PICKABLE).exists(),
        "lot": lot,
        "bins": bins.order_by("bin__location__name", "bin__pick_sequence", "bin__code"),
        "trace": lots.trace(lot),
        "movements": movements(request.user).filter(lot=lot).order_by(F("pk").desc())[:MOVEMENTS_SHOWN],
    }
    return render(request, "inventory/lots/show.html", context)
