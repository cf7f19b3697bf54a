"""Lock levels, then write counters, bins and ledger rows together, each in one statement for any number of keys."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from inventory import signals
from inventory.models import Bin, Location, Sku, StockLevel
from inventory.statuses import BinKind
from oms.common import request_id
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused

Key = tuple[int, int]  # sku id, location id


class StockRefused(Refused):
    code = "stock_refused"


@dataclass(frozen=True)
class Shortfall:
    """Of `wanted` units only `available` can be promised there."""

    sku_id: int
    location_id: int
    wanted: int
    available: int


class Short(StockRefused):
    code = "short"

    def __init__(self, shortfalls: Sequence[Shortfall]) -> None:
        self.shortfalls = tuple(shortfalls)
        codes = dict(Sku.objects.filter(pk__in={s.sku_id for s in shortfalls}).values_list("pk", "code"))
        names = dict(Location.objects.filter(pk__in={s.location_id for s in shortfalls}).values_list("pk", "name"))
        told = ", ".join(
            f"{codes.get(s.sku_id, s.sku_id)} at {names.get(s.location_id, s.location_id)}: "
            f"{s.wanted} wanted, {max(s.available, 0)} available"
            for s in self.shortfalls
        )
        super().__init__(f"Not enough stock. {told}.")


@dataclass
class Level:
    """A locked row of StockLevel, as it was when it was locked."""

    id: int
    sku_id: int
    location_id: int
    on_hand: int
    allocated: int
    reserved: int
    damaged: int
    safety: int

    @property
    def available(self) -> int:
        return self.on_hand - self.allocated - self.reserved - self.damaged - self.safety

    @property
    def free(self) -> int:
        """Units that nobody was promised, safety included."""
        return self.on_hand - self.allocated - self.reserved - self.damaged


@dataclass(frozen=True)
class Change:
    """One ledger row: what the counters change by, and how many units go from which bin to which."""

    level: Level
    kind: str
    on_hand: int = 0
    allocated: int = 0
    reserved: int = 0
    damaged: int = 0
    quantity: int = 0
    from_bin: int | None = None
    to_bin: int | None = None
    reason: str = ""
    undoes: int | None = None
    lot: int | None = None

    @property
    def gain(self) -> int:
        """By how much there is more to promise."""
        return self.on_hand - self.allocated - self.reserved - self.damaged


LEVELS = "id, sku_id, location_id, on_hand, allocated, reserved, damaged, safety"


def lock_levels(keys: Iterable[Key], *, create: bool = False) -> dict[Key, Level]:
    """The levels, locked in id order; missing ones are made when `create`, else they are missing from the answer."""
    keys = sorted(set(keys))
    if create:
        StockLevel.objects.bulk_create(
            [StockLevel(sku_id=sku, location_id=location) for sku, location in keys], ignore_conflicts=True
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {LEVELS} FROM inventory_stocklevel
                WHERE (sku_id, location_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))
                ORDER BY id FOR NO KEY UPDATE""",  # noqa: S608  a constant list of columns
            [[sku for sku, _ in keys], [location for _, location in keys]],
        )
        return {(row[1], row[2]): Level(*row) for row in cursor.fetchall()}


COUNTERS = """
WITH change AS (
    SELECT id, sum(on_hand) AS on_hand, sum(allocated) AS allocated, sum(reserved) AS reserved, sum(damaged) AS damaged
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[])
         AS c(id, on_hand, allocated, reserved, damaged)
    GROUP BY id)
UPDATE inventory_stocklevel l
SET on_hand = l.on_hand + c.on_hand, allocated = l.allocated + c.allocated,
    reserved = l.reserved + c.reserved, damaged = l.damaged + c.damaged
FROM change c WHERE l.id = c.id
"""
LEDGER = """
INSERT INTO inventory_stockmovement
    (sku_id, location_id, kind, on_hand, allocated, reserved, damaged, quantity, from_bin_id, to_bin_id, reason,
     undoes_id, lot_id, reference, actor_kind, actor_label, user_id, request_id, at)
SELECT c.*, %s, %s, %s, %s::bigint, %s, now()
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
            %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[]) AS c
RETURNING id
"""
BINS = """
WITH change AS (
    SELECT bin_id, sku_id, lot_id, sum(quantity)::int AS quantity
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[]) AS c(bin_id, sku_id, lot_id, quantity)
    GROUP BY bin_id, sku_id, lot_id)
MERGE INTO inventory_binstock s USING change c
    ON s.bin_id = c.bin_id AND s.sku_id = c.sku_id AND s.lot_id IS NOT DISTINCT FROM c.lot_id
WHEN MATCHED THEN UPDATE SET quantity = s.quantity + c.quantity
WHEN NOT MATCHED THEN INSERT (bin_id, sku_id, lot_id, quantity) VALUES (c.bin_id, c.sku_id, c.lot_id, c.quantity)
"""


def write(changes: Sequence[Change], *, reference: str, by: Any) -> list[int]:
    """Counters, bins and ledger of locked levels, and the news of it after commit. The ids of the ledger rows."""
    if not changes:
        return []
    actor = Actor.of(by)
    with connection.cursor() as cursor:
        counted = [c for c in changes if c.on_hand or c.allocated or c.reserved or c.damaged]
        if counted:
            cursor.execute(
                COUNTERS,
                [[c.level.id for c in counted], *_columns(counted, "on_hand", "allocated", "reserved", "damaged")],
            )
        moved = [(c.from_bin, c.level.sku_id, c.lot, -c.quantity) for c in changes if c.from_bin and c.quantity]
        moved += [(c.to_bin, c.level.sku_id, c.lot, c.quantity) for c in changes if c.to_bin and c.quantity]
        if moved:
            cursor.execute(BINS, [list(column) for column in zip(*moved, strict=True)])
        names = ("kind", "on_hand", "allocated", "reserved", "damaged", "quantity", "from_bin", "to_bin", "reason")
        cursor.execute(
            LEDGER,
            [
                *(reference, actor.kind, actor.label[:120], actor.user_id, request_id.current()),
                [c.level.sku_id for c in changes],
                [c.level.location_id for c in changes],
                *_columns(changes, *names, "undoes", "lot"),
            ],
        )
        written = [row[0] for row in cursor.fetchall()]
    crash_point("stock.written")
    announce(changes)
    return written


def announce(changes: Iterable[Change]) -> None:
    changed = [c for c in changes if c.gain]
    signals.announce(
        {c.level.sku_id for c in changed},
        {(c.level.sku_id, c.level.location_id) for c in changed if c.gain > 0},
    )


def service_bins(locations: Collection[int], kind: BinKind) -> dict[int, int]:
    """location → its bin of that kind."""
    return dict(Bin.objects.filter(location__in=locations, kind=kind).values_list("location_id", "pk"))


def _columns(changes: Sequence[Change], *names: str) -> list[list[Any]]:
    return [[getattr(change, name) for change in changes] for name in names]
