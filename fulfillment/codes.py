"""What a scanned code means. A code with two meanings is refused, never guessed."""

from django.db.models import Q

from fulfillment.models import FulfillmentOrder, Parcel, Shipment, Tote
from inventory import skus


def same(scanned: str, code: str) -> bool:
    return scanned.strip().upper() == code.upper()


def item(code: str) -> skus.Scan | None:
    """Goods: by barcode, GS1 barcode or the SKU's own code."""
    return skus.read(code)


def work_at(location_id: int | None, code: str) -> list[FulfillmentOrder]:
    """The work that a tote, its own number or an order's number means, at this location if one is given."""
    code = code.strip()
    rows = FulfillmentOrder.objects.live().select_related("order", "location")
    if location_id is not None:
        rows = rows.filter(location=location_id)
    named = rows.filter(Q(number__iexact=code) | Q(order__number__iexact=code))
    totes = Tote.objects.filter(code__iexact=code, fulfillment_order__in=rows)
    return list(named) or [rows.get(pk=tote.fulfillment_order_id) for tote in totes]


def shipment_of(code: str) -> Shipment | None:
    """The shipment that its number, a parcel's number ("SH-1001/1") or a tracking number means."""
    number = code.strip().partition("/")[0]
    if found := Shipment.objects.filter(number__iexact=number).first():
        return found
    parcel = Parcel.objects.filter(tracking_number__iexact=code.strip()).select_related("shipment").first()
    return parcel.shipment if parcel else None
