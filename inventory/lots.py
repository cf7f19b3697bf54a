"""Lots: taken in with their dates, set aside before they expire, followed from where they came to whom they went."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from inventory import stock
from inventory.models import BinStock, Lot, Sku, StockMovement
from inventory.statuses import PICKABLE, BinKind, MovementKind
from inventory.stock.ledger import Key, lock_levels
from oms.common import cases
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.models import ExceptionCase

MOST_AT_ONCE = 500


class WrongLot(Refused):
    """This can't be written down as the lot of these units."""

    code = "wrong_lot"
    status = 422


@dataclass
class Trace:
    """Where units of a lot came from and where they went: (reference, units), and the rows behind it."""

    came: dict[str, int] = field(default_factory=dict)
    went: dict[str, int] = field(default_factory=dict)


def take_in(sku: Sku, code: str, expires_on: date | None = None) -> Lot | None:
    """The lot that units are received as, made when it is new. None for SKUs without lots.

    A lot without a date of its own keeps for the SKU's shelf life from today.
    """
    code = code.strip()
    if not sku.has_lots:
        return None
    if not code or len(code) > 40:
        raise WrongLot(f"{sku.code} is kept by lot: enter the lot that is printed on it, at most 40 characters.")
    if expires_on is None and sku.shelf_life_days:
        expires_on = timezone.localdate() + timedelta(days=sku.shelf_life_days)
    lot = Lot.objects.filter(sku=sku, code__iexact=code).first()
    if lot is None:
        Lot.objects.bulk_create([Lot(sku=sku, code=code, expires_on=expires_on)], ignore_conflicts=True)
        return Lot.objects.get(sku=sku, code__iexact=code)
    return lot


def check(sku: Sku, lot: Lot | None, expires_on: date | None) -> None:
    """A lot has one date: two would mean that one of them was read wrongly."""
    if lot and expires_on and lot.expires_on and expires_on != lot.expires_on:
        raise WrongLot(f"Lot {lot.code} of {sku.code} expires on {lot.expires_on:%-d %b %Y}. Look at the goods again.")


def set_aside_expired(*, today: date | None = None, by: Any = SYSTEM) -> int:
    """Units of lots that are over, out of shelves into quarantine; how many. What was promised of them opens a case.

    Safe to run twice.
    """
    for row in over(today=today, kinds=(BinKind.STAGING,))[:MOST_AT_ONCE]:
        _tell(row, row.quantity, by=by)
    _forget_what_left()
    return sum(set_aside(row, by=by) for row in over(today=today)[:MOST_AT_ONCE])


def over(key: Key | None = None, *, today: date | None = None, kinds: Collection[BinKind] = PICKABLE) -> list[BinStock]:
    """Units of lots that may not be sold any more, of one (SKU, location) or all, the oldest first."""
    today = today or timezone.localdate()
    late = Q(lot__expires_on__lt=today + F("sku__expiry_margin_days") * timedelta(days=1))
    rows = BinStock.objects.filter(late, quantity__gt=0, bin__kind__in=kinds)
    if key:
        rows = rows.filter(sku=key[0], bin__location=key[1])
    return list(rows.select_related("bin__location", "sku", "lot").order_by("lot__expires_on", "pk"))


@transaction.atomic
def set_aside(row: BinStock, *, by: Any) -> int:
    """What is free of it, into quarantine; a case names the rest until it is."""
    key = (row.sku_id, row.bin.location_id)
    level = lock_levels([key])[key]
    there = BinStock.objects.filter(pk=row.pk).values_list("quantity", flat=True).get()
    free = min(max(level.free, 0), there)
    if free:
        stock.damage(row.sku_id, row.bin_id, free, lot=row.lot_id, reason="expired", by=by)
    _tell(row, there - free, by=by)
    return free


def trace(lot: Lot) -> Trace:
    found = Trace()
    rows = StockMovement.objects.filter(lot=lot).exclude(on_hand=0).order_by("pk")
    for reference, kind, change in rows.values_list("reference", "kind", "on_hand"):
        side, units = (found.came, change) if change > 0 else (found.went, -change)
        name = reference or MovementKind(kind).label
        side[name] = side.get(name, 0) + units
    return found


def on_hand(lots: Iterable[Lot]) -> dict[int, int]:
    """lot → units, wherever they lie."""
    found: dict[int, int] = {}
    for lot, units in BinStock.objects.filter(lot__in=list(lots), quantity__gt=0).values_list("lot", "quantity"):
        found[lot] = found.get(lot, 0) + units
    return found


def sent(references: Iterable[str], sku: Sku) -> dict[Lot, int]:
    """Units of the SKU's lots that left under these numbers, the lot that expires first before the others."""
    rows = StockMovement.objects.filter(reference__in=list(references), sku=sku, lot__isnull=False).exclude(on_hand=0)
    found: dict[int, int] = {}
    for lot, change in rows.values_list("lot", "on_hand"):
        found[lot] = found.get(lot, 0) - change
    known = Lot.objects.filter(pk__in=found).order_by(F("expires_on").asc(nulls_last=True), "pk")
    return {lot: found[lot.pk] for lot in known if found[lot.pk] > 0}


def _forget_what_left() -> None:
    """Cases of units that are not in their bin any more: shipped, or put back and set aside from there."""
    for case in ExceptionCase.objects.unresolved().filter(kind="lot.expired"):
        _, lot, bin = case.key.split(":")
        if not BinStock.objects.filter(lot=lot, bin=bin, quantity__gt=0).exists():
            cases.resolve_case(case.key, by=SYSTEM, resolution="Nothing of it lies there any more")


def _tell(row: BinStock, promised: int, *, by: Any) -> None:
    key, picked = f"lot.expired:{row.lot_id}:{row.bin_id}", row.bin.kind == BinKind.STAGING
    if not promised:
        cases.resolve_case(key, by=by, resolution="set aside")
        return
    cases.open_case(
        "lot.expired",
        f"sku:{row.sku.code}",
        title=f"Lot {row.lot} of {row.sku.code} is over and {'picked' if picked else 'promised'}",
        detail=f"{promised} in {row.bin} at {row.bin.location} can't be set aside: "
        + ("they are picked. Put them back before they leave." if picked else "they are kept back. End that first."),
        key=key,
        action_label="Open the lot",
        action_url=row.lot.get_absolute_url(),
        by=by,
    )
