"""Keep the catalogue of SKUs and their barcodes."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from inventory.models import Barcode, Download, Sku
from oms.common import audit

FACTS = ("name", "price", "currency", "weight_g", "length_mm", "width_mm", "height_mm")
FACTS += ("digital", "returnable", "active")


@transaction.atomic
def save(sku: Sku, barcodes: Mapping[str, int], *, by: Any) -> Sku:
    """Create or change it. `barcodes` are all it has from now on, code → units."""
    old = Sku.objects.filter(pk=sku.pk).first() if sku.pk else None
    before = _facts(old) if old else {}
    sku.code = sku.code.strip().upper()
    sku.save()
    sku.barcodes.exclude(code__in=barcodes).delete()
    for code, units in barcodes.items():
        Barcode.objects.update_or_create(code=code, defaults={"sku": sku, "quantity": units})
    audit.record_change(f"sku:{sku.code}", before, _facts(sku), by=by)
    return sku


@transaction.atomic
def set_download(sku: Sku, name: str, content: bytes, *, by: Any) -> Download:
    """The file that every buyer fetches from now on, those of yesterday too."""
    before = Download.objects.filter(sku=sku).values_list("name", flat=True).first()
    given = {"name": name.rpartition("/")[2][:200] or "download", "content": content, "size": len(content)}
    download, _ = Download.objects.update_or_create(sku=sku, defaults=given)
    audit.record_change(f"sku:{sku.code}", {"download": before or ""}, {"download": download.name}, by=by)
    return download


def scanned(code: str) -> tuple[Sku, int] | None:
    """(SKU, units) that a scanned barcode or typed code means."""
    barcode = Barcode.objects.select_related("sku").filter(code=code.strip()).first()
    if barcode:
        return barcode.sku, barcode.quantity
    sku = Sku.objects.filter(code__iexact=code.strip()).first()
    return (sku, 1) if sku else None


def matching(text: str) -> Q:
    """SKUs by part of code or name, or by a whole barcode."""
    return Q(code__icontains=text) | Q(name__icontains=text) | Q(barcodes__code=text)


def _facts(sku: Sku) -> dict[str, Any]:
    barcodes = sorted(sku.barcodes.values_list("code", "quantity"))
    return audit.facts(sku, *FACTS) | {"barcodes": [f"{code} × {units}" for code, units in barcodes]}
