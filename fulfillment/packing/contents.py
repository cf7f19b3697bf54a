"""What is in the parcels of a shipment, and what is not yet: rows of the station, boxes that fit, the weight."""

from dataclasses import dataclass

from fulfillment import cartons
from fulfillment.cartons import Box, Piece
from fulfillment.models import BoxType, FulfillmentOrderLine, Parcel, ParcelLine, Shipment


@dataclass(frozen=True)
class Row:
    """A line at the pack station: units picked, in sealed parcels, and in the open one."""

    line: FulfillmentOrderLine
    picked: int
    sealed: int
    scanned: int

    @property
    def remaining(self) -> int:
        return self.picked - self.sealed - self.scanned


def rows(shipment: Shipment) -> list[Row]:
    """What the station shows: every line with its counts."""
    counts: dict[tuple[int, bool], int] = {}
    for line_id, units, sealed_at in ParcelLine.objects.filter(parcel__shipment=shipment).values_list(
        "fulfillment_line", "quantity", "parcel__sealed_at"
    ):
        key = (line_id, sealed_at is not None)
        counts[key] = counts.get(key, 0) + units
    lines = shipment.fulfillment_order.lines.select_related("sku", "order_line").order_by("pk")
    return [
        Row(line, line.picked - line.shipped, counts.get((line.pk, True), 0), counts.get((line.pk, False), 0))
        for line in lines
        if line.picked > line.shipped
    ]


def open_parcel(shipment: Shipment) -> Parcel:
    """The parcel that is being filled, made when there is none."""
    parcel = shipment.parcels.filter(sealed_at=None).order_by("position").first()
    return parcel or Parcel.objects.create(shipment=shipment, position=shipment.parcels.count() + 1)


def propose_box(shipment: Shipment) -> list[BoxType]:
    """Boxes for what is in the open parcel (for all of it while nothing is scanned), the best first."""
    boxes = {box.pk: box for box in BoxType.objects.filter(active=True)}
    shapes = [
        Box(b.pk, b.code, b.length_mm, b.width_mm, b.height_mm, b.tare_g, b.max_weight_g, b.cost)
        for b in boxes.values()
    ]
    return [boxes[box.id] for box in cartons.fitting(_pieces(shipment), shapes)]


def expected_weight_g(shipment: Shipment, box: BoxType | None = None) -> int:
    """What the open parcel should weigh."""
    return cartons.weight_g(_pieces(shipment)) + (box.tare_g if box else 0)


def _pieces(shipment: Shipment) -> list[Piece]:
    shown = rows(shipment)
    scanning = any(row.scanned for row in shown)
    return [
        Piece(row.line.sku.length_mm, row.line.sku.width_mm, row.line.sku.height_mm, row.line.sku.weight_g, units)
        for row in shown
        if (units := row.scanned if scanning else row.remaining)
    ]
