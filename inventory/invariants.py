"""What must be true of stock at every moment."""

from oms.common.invariants import sql

sql(
    "I1",
    "Every stock counter is the sum of its movements",
    """SELECT l.id, l.sku_id, l.location_id, l.on_hand, l.allocated, l.reserved, l.damaged, m.*
       FROM inventory_stocklevel l
       LEFT JOIN (SELECT sku_id AS s, location_id AS o, sum(on_hand) AS h, sum(allocated) AS a, sum(reserved) AS r,
                         sum(damaged) AS d FROM inventory_stockmovement GROUP BY 1, 2) m
              ON m.s = l.sku_id AND m.o = l.location_id
       WHERE (l.on_hand, l.allocated, l.reserved, l.damaged)
             <> (coalesce(m.h, 0), coalesce(m.a, 0), coalesce(m.r, 0), coalesce(m.d, 0))""",
)
sql(
    "I1",
    "Every movement belongs to a stock level",
    """SELECT m.id FROM inventory_stockmovement m WHERE NOT EXISTS (SELECT 1 FROM inventory_stocklevel l
         WHERE l.sku_id = m.sku_id AND l.location_id = m.location_id)""",
)
sql(
    "I1",
    "Every bin holds of each lot what its movements say",
    """SELECT coalesce(b.bin_id, m.bin) AS bin, coalesce(b.sku_id, m.sku_id) AS sku, b.quantity, m.units
       FROM inventory_binstock b FULL JOIN (
            SELECT bin, sku_id, lot_id, sum(units) AS units FROM (
                SELECT to_bin_id AS bin, sku_id, lot_id, quantity AS units FROM inventory_stockmovement
                UNION ALL SELECT from_bin_id, sku_id, lot_id, -quantity FROM inventory_stockmovement) x
            WHERE bin IS NOT NULL GROUP BY 1, 2, 3) m
              ON m.bin = b.bin_id AND m.sku_id = b.sku_id AND coalesce(m.lot_id, 0) = coalesce(b.lot_id, 0)
       WHERE coalesce(b.quantity, 0) <> coalesce(m.units, 0)""",
)
sql(
    "I3",
    "The bins of a level sum to what is on hand, those in quarantine to what is damaged",
    """SELECT l.id, l.on_hand, b.units, l.damaged, b.aside FROM inventory_stocklevel l
       LEFT JOIN (SELECT s.sku_id, b.location_id, sum(s.quantity) AS units,
                         sum(s.quantity) FILTER (WHERE b.kind = 'quarantine') AS aside
                  FROM inventory_binstock s JOIN inventory_bin b ON b.id = s.bin_id GROUP BY 1, 2) b
              ON b.sku_id = l.sku_id AND b.location_id = l.location_id
       WHERE l.on_hand <> coalesce(b.units, 0) OR l.damaged <> coalesce(b.aside, 0)""",
)
sql(
    "I3",
    "No counter is negative, and no more is promised than is there",
    """SELECT id FROM inventory_stocklevel
       WHERE least(on_hand, allocated, reserved, damaged) < 0 OR on_hand < allocated + reserved + damaged""",
)
sql(
    "I3",
    "What is reserved is the sum of live reservations and granted wishes",
    """SELECT l.id, l.reserved, r.units, w.units FROM inventory_stocklevel l
       LEFT JOIN (SELECT level_id, sum(units) AS units FROM inventory_wish WHERE state = 'granted' GROUP BY 1) w
              ON w.level_id = l.id
       LEFT JOIN (SELECT level_id, sum(quantity) AS units FROM inventory_reservation GROUP BY 1) r ON r.level_id = l.id
       WHERE l.reserved <> coalesce(r.units, 0) + coalesce(w.units, 0)""",
)
sql(
    "I10",
    "No reservation is kept more than ten minutes after it ran out",
    "SELECT id, holder FROM inventory_reservation WHERE expires_at < now() - interval '10 minutes'",
)
sql(
    "I1",
    "What a count posted is in the ledger under its number",
    """SELECT c.number, l.sku_id, sum(l.difference) AS posted, min(m.units) AS written
       FROM inventory_countline l
       JOIN inventory_countedbin b ON b.id = l.counted_bin_id AND b.state = 'posted' AND b.round = l.round
       JOIN inventory_cyclecount c ON c.id = b.count_id
       LEFT JOIN LATERAL (SELECT coalesce(sum(on_hand), 0) AS units FROM inventory_stockmovement
                          WHERE reference = c.number AND sku_id = l.sku_id AND undoes_id IS NULL) m ON true
       GROUP BY c.number, l.sku_id HAVING sum(l.difference) <> min(m.units)""",
)
