"""Stock: what can be sold, where it lies, and corrections."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from inventory import availability, stock
from inventory.models import Location, Sku
from inventory.statuses import AdjustmentReason, BinKind
from oms.api import shapes
from oms.api.doors import needs
from oms.api.once import once
from oms.api.orders import page
from oms.api.schemas import AdjustmentIn
from oms.common.errors import Invalid

router = Router(tags=["Stock"])


@router.get("", summary="What can be sold of every SKU")
@needs("inventory.view")
def index(request: HttpRequest, cursor: str = "", limit: int = 100, channel: str = "") -> Any:
    """With `channel`, a channel's code, less what is kept back from it."""
    rows, after = page(Sku.objects.filter(active=True).order_by("-pk"), cursor, limit)
    available = availability.ats([sku.pk for sku in rows], channel=channel)
    return {
        "items": [{"sku": sku.code, "name": sku.name, "available": available[sku.pk]} for sku in rows],
        "next": after,
    }


@router.post("/adjustments", summary="Units found or gone")
@needs("inventory.adjust")
@once
def adjust(request: HttpRequest, payload: AdjustmentIn) -> Any:
    """Refused (409) when the units are not in the bin or were promised to orders."""
    sku = Sku.objects.filter(code__iexact=payload.sku).first()
    location = Location.objects.filter(code__iexact=payload.location).first()
    if sku is None:
        raise Invalid(f"There is no SKU {payload.sku}.", field="sku")
    if location is None:
        raise Invalid(f"There is no location {payload.location}.", field="location")
    wanted = {"code__iexact": payload.bin} if payload.bin else {"kind": BinKind.RECEIVING}
    bin = location.bins.filter(**wanted).first()
    if bin is None:
        raise Invalid(f"There is no bin {payload.bin} at {location}.", field="bin")
    if payload.reason not in AdjustmentReason.values:
        raise Invalid(f"One of {', '.join(AdjustmentReason.values)}.", field="reason")
    stock.adjust(sku.pk, bin.pk, payload.delta, reason=payload.reason, reference="API", by=request.actor)
    return show(request, sku.code)


@router.get("/{sku}", summary="One SKU by location")
@needs("inventory.view")
def show(request: HttpRequest, sku: str) -> Any:
    found = get_object_or_404(Sku, code__iexact=sku)
    rows = found.levels.select_related("location").order_by("location__code")
    return {
        "sku": found.code,
        "name": found.name,
        "available": availability.ats([found.pk])[found.pk],
        "locations": shapes.levels(rows),
    }
