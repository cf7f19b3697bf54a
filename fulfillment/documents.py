"""Papers of the floor: the packing slip in the parcel, and a pick list for days without scanners."""

from collections.abc import Sequence

from fulfillment.models import PickList, Shipment
from fulfillment.statuses import PickTaskState
from oms.common import pdf


def packing_slip(shipment: Shipment) -> bytes:
    """One page a parcel: what is in this one, and what comes separately. No prices."""
    order = shipment.order
    parcels = list(
        shipment.parcels.filter(sealed_at__isnull=False)
        .prefetch_related("lines__fulfillment_line__order_line__kit")
        .order_by("position")
    )
    paper = pdf.Document(f"Packing slip {shipment.number}")
    for number, parcel in enumerate(parcels):
        if number:
            paper.page_break()
        paper.heading("Packing slip")
        paper.columns(_receiver(shipment), _facts(shipment, parcel, len(parcels)), pdf.qr(shipment.number))
        paper.space(12)
        paper.table(("SKU", "Item", "Quantity"), _inside(parcel), widths=(3, 7, 2), right=(2,))
        if order.note:
            paper.space(10).text(order.note)
        if elsewhere := _elsewhere(shipment, parcel):
            paper.space(12).text("Not in this parcel", bold=True)
            paper.table(("SKU", "Item", "Quantity", ""), elsewhere, widths=(3, 5, 2, 3), right=(2,))
    return paper.bytes()


def _inside(parcel) -> list[tuple]:
    """A row for each line; the parts of a kit follow its name."""
    rows, kit = [], None
    for line in sorted(parcel.lines.all(), key=lambda line: line.fulfillment_line.order_line.position):
        ordered = line.fulfillment_line.order_line
        if ordered.kit and ordered.kit_id != kit:
            rows.append(("", f"Of kit {ordered.kit} {ordered.kit.name}", ""))
        kit = ordered.kit_id
        rows.append((ordered.sku_code, ordered.name, line.quantity))
    return rows


def pick_lists(walks: Sequence[PickList]) -> bytes:
    """The walks on paper, each on a page of its own."""
    paper = pdf.Document(f"Pick list {walks[0].number}" if len(walks) == 1 else f"{len(walks)} pick lists")
    for n, walk in enumerate(walks):
        if n:
            paper.page_break()
        _walk(paper, walk)
    return paper.bytes()


def _walk(paper: pdf.Document, paper_of: PickList) -> None:
    tasks = paper_of.tasks.exclude(state=PickTaskState.CANCELLED).select_related(
        "bin", "sku", "fulfillment_line__fulfillment_order__order"
    )
    tasks = tasks.order_by("sequence", "pk")
    numbers = ", ".join(dict.fromkeys(task.fulfillment_line.fulfillment_order.number for task in tasks))
    paper.heading(f"Pick list {paper_of.number}")
    paper.columns(f"{paper_of.location.name}\n{numbers}", pdf.barcode(paper_of.number))
    paper.space(10)
    rows = [(task.bin.code, task.sku.code, task.sku.name, task.quantity, "") for task in tasks]
    paper.table(("Bin", "SKU", "Item", "Quantity", "Picked"), rows, widths=(2, 3, 5, 2, 2), right=(3,))


def _receiver(shipment: Shipment) -> str:
    order = shipment.order
    if order.shipping_address is None:
        return order.customer_name
    return "\n".join(order.shipping_address.as_dataclass().lines())


def _facts(shipment: Shipment, parcel, parcels: int) -> str:
    order = shipment.order
    facts = [
        f"Order {order.number}",
        f"Your reference {order.external_id}" if order.external_id else "",
        f"Ordered {order.placed_at:%d %b %Y}",
        f"Shipment {shipment.number}, parcel {parcel.position} of {parcels}",
        f"From {shipment.location.name}",
    ]
    return "\n".join(fact for fact in facts if fact)


def _elsewhere(shipment: Shipment, parcel) -> list[tuple]:
    """Units of the order that are not in this parcel: in another one, gone already, or to come."""
    here: dict[int, int] = {}
    for line in parcel.lines.all():
        pk = line.fulfillment_line.order_line_id
        here[pk] = here.get(pk, 0) + line.quantity
    rows = []
    for line in shipment.order.lines.order_by("position"):
        others = line.ordered - line.cancelled - here.get(line.pk, 0)
        if others > 0 and not line.digital:
            when = "is on its way" if line.shipped >= others else "comes separately"
            rows.append((line.sku_code, line.name, others, when))
    return rows
