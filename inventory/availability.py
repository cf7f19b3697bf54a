"""What can be promised: now by place, now in all, and what is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum
from django.db.models.functions import Greatest

from inventory.models import PurchaseLine, StockLevel, TransferLine
from inventory.statuses import PURCHASES_DUE, TRANSFERS_DUE, TransferState


@dataclass(frozen=True)
class Supply:
    """Units that are due: `reference` is "PO-1007" or "TR-1003"."""

    reference: str
    sku_id: int
    location_id: int
    quantity: int
    expected_at: datetime


def atp(sku_ids: Collection[int], location_ids: Collection[int] | None = None) -> dict[tuple[int, int], int]:
    """Available to promise now, by (sku, location); places that have none are left out."""
    levels = StockLevel.objects.filter(sku__in=sku_ids, location__active=True, available__gt=0)
    if location_ids is not None:
        levels = levels.filter(location__in=location_ids)
    return {(sku, location): units for sku, location, units in levels.values_list("sku", "location", "available")}


def ats(sku_ids: Collection[int]) -> dict[int, int]:
    """Available to sell over all active locations, by SKU; 0 where there is none."""
    levels = StockLevel.objects.filter(sku__in=sku_ids, location__active=True).order_by()
    sums = levels.values("sku").annotate(units=Sum(Greatest("available", 0))).values_list("sku", "units")
    return dict.fromkeys(sku_ids, 0) | dict(sums)


def incoming(sku_ids: Collection[int]) -> list[Supply]:
    """Open purchase and transfer lines of these SKUs, the earliest first."""
    bought = PurchaseLine.objects.filter(
        sku__in=sku_ids, purchase__state__in=PURCHASES_DUE, received__lt=F("ordered")
    ).select_related("purchase")
    moved = TransferLine.objects.filter(sku__in=sku_ids, transfer__state__in=TRANSFERS_DUE).select_related("transfer")
    supplies = [
        Supply(line.purchase.number, line.sku_id, line.purchase.location_id, line.due, line.purchase.expected_at)
        for line in bought
    ]
    supplies += [
        Supply(
            line.transfer.number,
            line.sku_id,
            line.transfer.destination_id,
            _still_to_come(line),
            line.transfer.expected_at,
        )
        for line in moved
        if _still_to_come(line)
    ]
    return sorted(supplies, key=lambda supply: (supply.expected_at, supply.reference))


def _still_to_come(line: TransferLine) -> int:
    sent = line.quantity if line.transfer.state == TransferState.DRAFT else line.shipped
    return sent - line.received
