"""Keep the catalogue of SKUs and their barcodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inventory import gs1, serials
from inventory.models import Barcode, Download, Sku
from oms.common import audit

FACTS = ("name", "price", "currency", "weight_g", "length_mm", "width_mm", "height_mm")
FACTS += ("digital", "returnable", "active", "hazmat_class", "un_number", "ships_alone", "fragile", "this_side_up")
FACTS += ("hs_code", "origin_country", "tracks", "shelf_life_days", "expiry_margin_days", "tags")


@dataclass(frozen=True)
class Scan:
    """What a scanned barcode or a typed code means: so many units, and what a GS1 barcode says beside that."""

    sku: Sku
    quantity: int = 1
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""


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


def read(code: str) -> Scan | None:
    """A barcode (a carton's counts its units), a SKU's own code, a GS1 barcode, or the serial number of one unit.

    Raises gs1.Malformed for a GS1 barcode that is broken.
    """
    code = code.strip()
    if found := Barcode.objects.select_related("sku").filter(code=code).first():
        return Scan(found.sku, found.quantity)
    if sku := Sku.objects.filter(code__iexact=code).first():
        return Scan(sku)
    if said := gs1.read(code, today=timezone.localdate()):
        return _told(said)
    units = serials.found(code)
    return Scan(units[0].sku, serial=units[0].code) if len(units) == 1 else None


def scanned(code: str) -> tuple[Sku, int] | None:
    """(SKU, units) for a search box, where a broken barcode is a word like any other."""
    try:
        found = read(code)
    except gs1.Malformed:
        return None
    return (found.sku, found.quantity) if found else None


def matching(text: str) -> Q:
    """SKUs by part of code or name, or by a whole barcode, which is asked for first: an index serves the rest."""
    scanned = list(Barcode.objects.filter(code=text).values_list("sku", flat=True))
    return called(text) | Q(pk__in=scanned)


def called(text: str) -> Q:
    return Q(code__icontains=text) | Q(name__icontains=text)


def _told(said: gs1.Said) -> Scan | None:
    """The longest of its codes that is somebody's barcode."""
    known = {b.code: b for b in Barcode.objects.select_related("sku").filter(code__in=said.codes)}
    barcode = next((known[code] for code in said.codes if code in known), None)
    if barcode is None:
        return None
    return Scan(barcode.sku, barcode.quantity * (said.quantity or 1), said.lot, said.last_day, said.serial)


def _facts(sku: Sku) -> dict[str, Any]:
    barcodes = sorted(sku.barcodes.values_list("code", "quantity"))
    return audit.facts(sku, *FACTS) | {"barcodes": [f"{code} × {units}" for code, units in barcodes]}
