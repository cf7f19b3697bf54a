"""Shipments: what left, in which parcels, and how far they are."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from fulfillment.models import Shipment
from oms.api import shapes
from oms.api.doors import needs

router = Router(tags=["Shipments"])


@router.get("/{number}", summary="One shipment with its parcels")
@needs("fulfillment.view")
def show(request: HttpRequest, number: str) -> Any:
    visible = Shipment.objects.visible_to(request.token.user)
    rows = visible.select_related("account", "location", "order").prefetch_related("parcels")
    return shapes.shipment(get_object_or_404(rows, number=number))
