"""A purchase on paper, for the supplier."""

from inventory.models import PurchaseOrder, SupplierItem
from oms.common import pdf


def purchase_order(purchase: PurchaseOrder) -> bytes:
    """In the supplier's own codes where we know them; no prices."""
    lines = list(purchase.lines.select_related("sku").order_by("sku__code"))
    theirs = dict(
        SupplierItem.objects.filter(supplier=purchase.supplier_id, sku__in=[line.sku_id for line in lines]).values_list(
            "sku", "code"
        )
    )
    paper = pdf.Document(f"Purchase {purchase.number}")
    paper.heading(f"Purchase {purchase.number}")
    paper.columns(f"To\n{purchase.supplier.name}", _deliver_to(purchase), pdf.barcode(purchase.number))
    paper.space(12)
    rows = [(theirs.get(line.sku_id) or "–", line.sku.code, line.sku.name, line.ordered) for line in lines]
    paper.table(("Your code", "Our code", "Item", "Quantity"), rows, widths=(3, 3, 6, 2), right=(3,))
    paper.space(10).text(f"Wanted by {purchase.expected_at:%d %b %Y}.")
    if purchase.ships_to_id:
        paper.text("Please send it straight to this address, without prices, and tell us the tracking number.")
    return paper.bytes()


def _deliver_to(purchase: PurchaseOrder) -> str:
    address = (purchase.ships_to or purchase.location.address).as_dataclass()
    return "\n".join(["Deliver to", *address.lines()])
