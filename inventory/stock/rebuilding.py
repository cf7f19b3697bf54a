"""Every counter and bin derived anew from the ledger: where they differ, and how they are set right."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from inventory.models import Bin, BinStock, Location, Sku, StockLevel, StockMovement
from inventory.statuses import MovementKind
from inventory.stock.ledger import Change, Key, StockRefused, announce, lock_levels
from oms.common import audit

COUNTERS = ("on_hand", "allocated", "reserved", "damaged")


@dataclass(frozen=True)
class Drift:
    """`what` is a counter's name or "bin CODE"; `counter` is what it says, `ledger` what the movements sum to."""

    sku_id: int
    location_id: int
    what: str
    counter: int
    ledger: int


def drift(key: Key | None = None) -> list[Drift]:
    """All differences as of one moment, by SKU and place; of one level only with `key`."""
    only = "AND (sku_id, location_id) = (%(sku)s, %(location)s)" if key else ""
    given = {"sku": key[0], "location": key[1]} if key else None
    with connection.cursor() as cursor:
        cursor.execute(LEVELS_AND_BINS.replace("{only}", only), given)
        return [Drift(*row) for row in cursor.fetchall()]


@transaction.atomic
def repair(key: Key, *, by: Any) -> list[Drift]:
    """Set one level and its bins to what the ledger says, under its lock, with a row in the audit. What was set.

    Refused when the ledger itself sums to what can't be.
    """
    level = lock_levels([key], create=True)[key]
    found = drift(key)
    if not found:
        return []
    counters = {one.what: one.ledger for one in found if one.what in COUNTERS}
    bins = {one.what.removeprefix("bin "): one.ledger for one in found if one.what not in COUNTERS}
    try:
        with transaction.atomic():
            StockLevel.objects.filter(pk=level.id).update(**counters)
            _set_bins(key, bins)
    except IntegrityError as e:
        raise StockRefused(f"{_name(key)}: the ledger sums to what can't be; look at its movements.") from e
    before, after = {one.what: one.counter for one in found}, {one.what: one.ledger for one in found}
    audit.record_change(f"stock:{_name(key)}", before, after, verb="rebuilt", by=by)
    gains = {name: units - getattr(level, name) for name, units in counters.items()}
    announce([Change(level, MovementKind.ADJUSTED, **gains)])
    return found


def _set_bins(key: Key, bins: Collection[str]) -> None:
    for bin in Bin.objects.filter(location=key[1], code__in=bins):
        for lot, units in _lain(key[0], bin.pk).items():
            BinStock.objects.update_or_create(bin=bin, sku_id=key[0], lot_id=lot, defaults={"quantity": units})


def _lain(sku_id: int, bin_id: int) -> dict[int | None, int]:
    """lot → units of the bin by its movements; 0 for lots that it holds without any."""
    found = dict.fromkeys(BinStock.objects.filter(bin=bin_id, sku=sku_id).values_list("lot", flat=True), 0)
    rows = StockMovement.objects.filter(Q(from_bin=bin_id) | Q(to_bin=bin_id), sku=sku_id)
    for lot, target, units in rows.values_list("lot", "to_bin", "quantity"):
        found[lot] = found.get(lot, 0) + (units if target == bin_id else -units)
    return found


def _name(key: Key) -> str:
    sku, location = Sku.objects.get(pk=key[0]), Location.objects.get(pk=key[1])
    return f"{sku.code}@{location.code}"


LEVELS_AND_BINS = """
WITH moved AS (
    SELECT sku_id, location_id, sum(on_hand)::int AS on_hand, sum(allocated)::int AS allocated,
           sum(reserved)::int AS reserved, sum(damaged)::int AS damaged
    FROM inventory_stockmovement WHERE true {only} GROUP BY 1, 2),
levels AS (SELECT * FROM inventory_stocklevel WHERE true {only}),
counters AS (
    SELECT coalesce(l.sku_id, m.sku_id) AS sku_id, coalesce(l.location_id, m.location_id) AS location_id, c.*
    FROM levels l FULL JOIN moved m ON m.sku_id = l.sku_id AND m.location_id = l.location_id
    CROSS JOIN LATERAL (VALUES
        ('on_hand', coalesce(l.on_hand, 0), coalesce(m.on_hand, 0)),
        ('allocated', coalesce(l.allocated, 0), coalesce(m.allocated, 0)),
        ('reserved', coalesce(l.reserved, 0), coalesce(m.reserved, 0)),
        ('damaged', coalesce(l.damaged, 0), coalesce(m.damaged, 0))) AS c(what, counter, ledger)),
lain AS (
    SELECT bin_id, sku_id, sum(units)::int AS units FROM (
        SELECT to_bin_id AS bin_id, sku_id, quantity AS units FROM inventory_stockmovement
        WHERE to_bin_id IS NOT NULL {only}
        UNION ALL
        SELECT from_bin_id, sku_id, -quantity FROM inventory_stockmovement WHERE from_bin_id IS NOT NULL {only}) x
    GROUP BY 1, 2),
held AS (
    SELECT s.bin_id, s.sku_id, b.location_id, sum(s.quantity)::int AS units
    FROM inventory_binstock s JOIN inventory_bin b ON b.id = s.bin_id GROUP BY 1, 2, 3),
places AS (
    SELECT coalesce(h.sku_id, m.sku_id) AS sku_id, b.location_id, 'bin ' || b.code AS what,
           coalesce(h.units, 0) AS counter, coalesce(m.units, 0) AS ledger
    FROM (SELECT * FROM held WHERE true {only}) h FULL JOIN lain m ON m.bin_id = h.bin_id AND m.sku_id = h.sku_id
    JOIN inventory_bin b ON b.id = coalesce(h.bin_id, m.bin_id))
SELECT * FROM (SELECT * FROM counters UNION ALL SELECT * FROM places) d
WHERE counter <> ledger ORDER BY sku_id, location_id, what
"""
