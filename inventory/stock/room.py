"""Room of bins: what more fits, by volume where it and every size is known, else by units, and where else is some.

Checked where units are put away by choice. What is found, counted or comes back to its shelf is a fact and goes in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from inventory.models import Bin, Sku
from inventory.stock.ledger import StockRefused
from oms.common.locking import lock

MM3_OF_A_LITRE = 1_000_000
NAMED = 3  # bins with room that a refusal tells
OVERRIDE = "inventory.adjust"


@dataclass(frozen=True)
class Room:
    """What lies in a bin beside what it takes. `mm3` is None where a size is unknown."""

    bin: Bin
    units: int
    mm3: int | None

    @property
    def litres(self) -> int | None:
        """Used, rounded up; None where nobody limits it or a size is unknown."""
        known = self.bin.litres is not None and self.mm3 is not None
        return -(-self.mm3 // MM3_OF_A_LITRE) if known else None

    @property
    def is_over(self) -> bool:
        if self.litres is not None:
            return self.litres > self.bin.litres
        return self.bin.capacity is not None and self.units > self.bin.capacity

    def left(self, sku: Sku) -> int | None:
        """So many more units of it fit; None means no limit."""
        each = sku.length_mm * sku.width_mm * sku.height_mm
        if self.bin.litres is not None and self.mm3 is not None and each:
            return max(self.bin.litres * MM3_OF_A_LITRE - self.mm3, 0) // each
        return None if self.bin.capacity is None else max(self.bin.capacity - self.units, 0)


def of(bins: QuerySet) -> dict[int, Room]:
    """Of each of these bins, in their order, in one question."""
    lies = Q(stock__quantity__gt=0)
    size = Cast("stock__sku__length_mm", BigIntegerField()) * F("stock__sku__width_mm") * F("stock__sku__height_mm")
    unknown = Q(stock__sku__length_mm=0) | Q(stock__sku__width_mm=0) | Q(stock__sku__height_mm=0)
    rows = bins.annotate(
        units=Coalesce(Sum("stock__quantity"), 0),
        mm3=Coalesce(Sum(size * F("stock__quantity"), output_field=BigIntegerField()), 0),
        unsized=Count("stock", filter=lies & unknown),
    )
    return {row.pk: Room(row, row.units, None if row.unsized else int(row.mm3)) for row in rows}


def check(bin: Bin, wanted: Mapping[int, int], *, anyway: str = "", by: Any) -> None:
    """So many units by SKU id go into the bin. Call with their levels locked; it locks the bin, when it has a limit.

    A full bin refuses and names shelves with room. Who may adjust stock may say why it goes in all the same.
    """
    if bin.capacity is None and bin.litres is None:
        return
    if anyway and getattr(by, "can", None) and by.can(OVERRIDE):
        return
    lock(Bin.objects.filter(pk=bin.pk))
    room = of(Bin.objects.filter(pk=bin.pk))[bin.pk]
    for sku in Sku.objects.filter(pk__in=wanted).order_by("pk"):
        left, units = room.left(sku), wanted[sku.pk]
        if left is not None and left < units:
            raise StockRefused(_sentence(bin, sku, units, left), code="bin_full")


def fitting(location_id: int, sku: Sku, units: int) -> list[tuple[Bin, int | None]]:
    """Shelves that take so many, and how many more: those that hold the SKU first, then in walking order."""
    shelves = Bin.objects.filter(location=location_id, kind=Bin.Kind.SHELF).order_by("pick_sequence", "code")
    holding = set(shelves.filter(stock__sku=sku, stock__quantity__gt=0).values_list("pk", flat=True))
    found = [(one.bin, one.left(sku)) for one in of(shelves).values()]
    roomy = [(bin, left) for bin, left in found if left is None or left >= units]
    return sorted(roomy, key=lambda pair: pair[0].pk not in holding)


def _sentence(bin: Bin, sku: Sku, units: int, left: int) -> str:
    takes = f"room for {left} more {sku.code}, not {units}" if left else f"no room for {sku.code}"
    others = [(other, many) for other, many in fitting(bin.location_id, sku, units) if other.pk != bin.pk]
    where = ", ".join(f"{other} ({'no limit' if many is None else many})" for other, many in others[:NAMED])
    if where:
        return f"{bin} has {takes}. There is room in {where}."
    return f"{bin} has {takes}, and no other shelf here takes {units}. Split them, or ask a lead."
