"""What the counters and bins say, to be compared in one line."""

from inventory.models import BinStock, Location, Sku, StockLevel
from oms.common import invariants


def level(sku: Sku, location: Location) -> dict[str, int]:
    names = ("on_hand", "allocated", "reserved", "damaged", "available")
    row = StockLevel.objects.filter(sku=sku, location=location).values(*names).first()
    return {name: units for name, units in (row or {}).items() if units}


def bins(sku: Sku, location: Location) -> dict[str, int]:
    rows = BinStock.objects.filter(sku=sku, bin__location=location, quantity__gt=0)
    return dict(rows.values_list("bin__code", "quantity"))


def breaches() -> dict[str, list[str]]:
    """Broken invariants of stock, none in a sound world."""
    return {v.rule.text: v.samples for v in invariants.check() if v.count and v.rule.code in {"I1", "I3"}}
