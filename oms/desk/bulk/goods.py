"""The units behind it: every movement with its bins in the ledger, and the counters that are its sums."""

from typing import Any

from inventory.models import StockMovement
from inventory.statuses import MovementKind
from oms.desk.bulk import stages
from oms.desk.bulk.rows import fill, run

LEFT = 40  # up to so many units a portion stay on the shelf for sale

SHELVES = f"""
CREATE TEMP TABLE bulk_shelf ON COMMIT DROP AS
WITH shelf AS (
    SELECT id AS bin_id, location_id, pick_sequence,
           row_number() OVER (PARTITION BY location_id ORDER BY pick_sequence, id) AS place,
           count(*) OVER (PARTITION BY location_id) AS places
    FROM inventory_bin WHERE kind = 'shelf' AND location_id = ANY (%(locations)s)),
asked AS (
    SELECT sku_id, location_id, sum(units) AS promised, sum(picked) AS picked, sum(shipped) AS shipped
    FROM bulk_line WHERE step >= {stages.ALLOCATED} GROUP BY sku_id, location_id)
SELECT sku.id AS sku_id, shelf.location_id, shelf.bin_id, shelf.pick_sequence, staging.id AS staging_id,
       coalesce(promised, 0) + CASE WHEN sku.id <= %(skus)s + %(gone)s THEN 0
           ELSE pg_temp.oms_bulk_draw(sku.id * 16 + shelf.location_id + %(first)s, %(seed)s, 41) %% {LEFT}
           END AS received,
       coalesce(promised, 0) AS promised, coalesce(picked, 0) AS picked, coalesce(shipped, 0) AS shipped
FROM inventory_sku AS sku
JOIN shelf ON shelf.place = 1 + sku.id %% shelf.places
JOIN inventory_bin AS staging ON staging.location_id = shelf.location_id AND staging.kind = 'staging'
LEFT JOIN asked ON asked.sku_id = sku.id AND asked.location_id = shelf.location_id
WHERE sku.id > %(skus)s AND sku.id <= %(skus)s + %(sku_count)s"""  # noqa: S608  our own words

LEVELS = """
MERGE INTO inventory_stocklevel AS level USING bulk_shelf AS moved
   ON level.sku_id = moved.sku_id AND level.location_id = moved.location_id
WHEN MATCHED THEN UPDATE SET on_hand = on_hand + received - shipped, allocated = allocated + promised - shipped
WHEN NOT MATCHED THEN INSERT (sku_id, location_id, on_hand, allocated, reserved, damaged, safety)
     VALUES (moved.sku_id, moved.location_id, received - shipped, promised - shipped, 0, 0, 0)"""

BINS = """
MERGE INTO inventory_binstock AS stock USING (
    SELECT bin_id, sku_id, received - picked AS units FROM bulk_shelf WHERE received > 0
    UNION ALL SELECT staging_id, sku_id, picked - shipped FROM bulk_shelf WHERE picked > shipped) AS moved
   ON stock.bin_id = moved.bin_id AND stock.sku_id = moved.sku_id
WHEN MATCHED THEN UPDATE SET quantity = quantity + units
WHEN NOT MATCHED THEN INSERT (bin_id, sku_id, quantity) VALUES (moved.bin_id, moved.sku_id, units)"""

WHO = {"actor_kind": "'system'", "actor_label": "'System'"}
WHAT = {"sku_id": "sku_id", "location_id": "location_id"}


def lay(params: dict[str, Any]) -> None:
    """One shelf a SKU and place, with what this portion asks of it."""
    run(SHELVES, params)
    run("ANALYZE bulk_shelf")


def write(params: dict[str, Any]) -> None:
    """The counters last: portions meet there, and go through one after the other."""
    arrived = (
        WHAT
        | WHO
        | {
            "kind": f"'{MovementKind.RECEIVED}'",
            "on_hand": "received",
            "quantity": "received",
            "to_bin_id": "bin_id",
            "reference": "'opening'",
            "at": "(SELECT min(placed_at) FROM bulk_order)",
        }
    )
    fill(StockMovement, "bulk_shelf WHERE received > 0", arrived, params)
    for kind, step, moment, told in MOVEMENTS:
        _moved(kind, step, moment, told, params)
    run("SELECT pg_advisory_xact_lock(hashtext('oms.bulk.goods'))")
    run(LEVELS)
    run(BINS)


MOVEMENTS: tuple[tuple[str, str, float, dict[str, str]], ...] = (
    (MovementKind.ALLOCATED, f"recent AND bulk_line.step >= {stages.ALLOCATED}", 0.03, {"allocated": "units"}),
    (
        MovementKind.PICKED,
        f"recent AND bulk_line.step >= {stages.PICKED}",
        0.3,
        {"quantity": "units", "from_bin_id": "bin_id", "to_bin_id": "staging_id"},
    ),
    (
        MovementKind.SHIPPED,
        f"bulk_line.step >= {stages.SHIPPED}",
        0.5,
        {
            "on_hand": "-units",
            "allocated": "CASE WHEN recent THEN -units ELSE 0 END",
            "quantity": "units",
            "from_bin_id": "CASE WHEN recent THEN staging_id ELSE bin_id END",
        },
    ),
)


def _moved(kind: str, which: str, moment: float, told: dict[str, str], params: dict[str, Any]) -> None:
    """Of history the ledger keeps what left, straight off the shelf: promises and walks came to nothing in the end."""
    rows = f"""bulk_line JOIN bulk_order ON bulk_order.n = bulk_line.n
               JOIN bulk_shelf ON bulk_shelf.sku_id = bulk_line.sku_id
                    AND bulk_shelf.location_id = bulk_line.location_id
               WHERE {which}"""
    what = {"sku_id": "bulk_line.sku_id", "location_id": "bulk_line.location_id", "kind": f"'{kind}'"}
    told = what | WHO | told | {"reference": "fo_number", "at": f"placed_at + took * {moment}"}
    fill(StockMovement, rows, told, params)
