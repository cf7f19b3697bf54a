"""What must hold between work, stock, parcels and the counters of orders, each one SELECT of the rows that break it."""

from oms.common.invariants import sql

sql(
    "I2",
    "Allocated units of a stock level are exactly those of open fulfilment lines",
    """SELECT coalesce(l.sku_id, w.sku_id) AS sku_id, coalesce(l.location_id, w.location_id) AS location_id,
              coalesce(l.allocated, 0) AS allocated, coalesce(w.units, 0) AS wanted
       FROM inventory_stocklevel l
       FULL JOIN (SELECT f.sku_id, o.location_id, sum(f.quantity - f.shipped) AS units
                  FROM fulfillment_fulfillmentorderline f
                  JOIN fulfillment_fulfillmentorder o ON o.id = f.fulfillment_order_id
                  WHERE o.location_id IS NOT NULL GROUP BY f.sku_id, o.location_id) w
         ON w.sku_id = l.sku_id AND w.location_id = l.location_id
       WHERE coalesce(l.allocated, 0) <> coalesce(w.units, 0)""",
)
sql(
    "I2",
    "The staging bin of a location holds exactly what was picked and has not left",
    """SELECT coalesce(s.sku_id, w.sku_id) AS sku_id, coalesce(s.location_id, w.location_id) AS location_id,
              coalesce(s.units, 0) AS staged, coalesce(w.units, 0) AS picked
       FROM (SELECT bs.sku_id, b.location_id, sum(bs.quantity) AS units FROM inventory_binstock bs
             JOIN inventory_bin b ON b.id = bs.bin_id WHERE b.kind = 'staging' GROUP BY bs.sku_id, b.location_id) s
       FULL JOIN (SELECT f.sku_id, o.location_id, sum(f.picked - f.shipped) AS units
                  FROM fulfillment_fulfillmentorderline f
                  JOIN fulfillment_fulfillmentorder o ON o.id = f.fulfillment_order_id
                  WHERE o.location_id IS NOT NULL GROUP BY f.sku_id, o.location_id) w
         ON w.sku_id = s.sku_id AND w.location_id = s.location_id
       WHERE coalesce(s.units, 0) <> coalesce(w.units, 0)""",
)
sql(
    "I4",
    "Counters of an order line are the sums of its fulfilment lines",
    """SELECT ol.id, ol.order_id, ol.sku_code FROM orders_orderline ol
       LEFT JOIN (SELECT order_line_id, sum(quantity - shipped) AS allocated, sum(picked - shipped) AS picked,
                         sum(packed - shipped) AS packed, sum(shipped) AS shipped, sum(delivered) AS delivered
                  FROM fulfillment_fulfillmentorderline GROUP BY order_line_id) f ON f.order_line_id = ol.id
       WHERE (ol.allocated, ol.picked, ol.packed, ol.shipped, ol.delivered) IS DISTINCT FROM
             (coalesce(f.allocated, 0), coalesce(f.picked, 0), coalesce(f.packed, 0), coalesce(f.shipped, 0),
              coalesce(f.delivered, 0))""",
)
sql(
    "I4",
    "Backordered units of an order line are those that wait in the queue, or are on their way to meet the others",
    """SELECT ol.id, ol.order_id, ol.sku_code, ol.backordered, coalesce(b.units, 0) AS waiting FROM orders_orderline ol
       LEFT JOIN (SELECT order_line_id, sum(quantity) AS units FROM (
                      SELECT order_line_id, quantity FROM fulfillment_backorder WHERE state = 'waiting'
                      UNION ALL SELECT order_line_id, quantity FROM fulfillment_part WHERE state = 'coming') w
                  GROUP BY order_line_id) b ON b.order_line_id = ol.id
       WHERE ol.backordered <> coalesce(b.units, 0)""",
)
sql(
    "I6",
    "Nothing is promised to work that is over, nor to an order that is cancelled",
    """SELECT o.id, o.number, o.state FROM fulfillment_fulfillmentorder o
       JOIN fulfillment_fulfillmentorderline f ON f.fulfillment_order_id = o.id
       JOIN orders_order p ON p.id = o.order_id
       WHERE f.quantity > f.shipped AND (o.state IN ('completed', 'cancelled') OR p.state = 'cancelled')""",
)
sql(
    "I6",
    "Live work has something left to do",
    """SELECT o.id, o.number, o.state FROM fulfillment_fulfillmentorder o
       WHERE o.state NOT IN ('completed', 'cancelled') AND NOT EXISTS (
             SELECT 1 FROM fulfillment_fulfillmentorderline f
             WHERE f.fulfillment_order_id = o.id AND f.quantity > f.shipped)""",
)
sql(
    "I7",
    "Sealed parcels hold exactly the packed units",
    """SELECT f.id, f.packed, coalesce(p.units, 0) AS in_parcels FROM fulfillment_fulfillmentorderline f
       JOIN fulfillment_fulfillmentorder o ON o.id = f.fulfillment_order_id AND o.location_id IS NOT NULL
       LEFT JOIN (SELECT l.fulfillment_line_id, sum(l.quantity) AS units FROM fulfillment_parcelline l
                  JOIN fulfillment_parcel p ON p.id = l.parcel_id
                  JOIN fulfillment_shipment s ON s.id = p.shipment_id
                  WHERE p.sealed_at IS NOT NULL AND s.state <> 'voided' GROUP BY l.fulfillment_line_id) p
         ON p.fulfillment_line_id = f.id
       WHERE f.packed <> coalesce(p.units, 0)""",
)
sql(
    "I7",
    "Open pick tasks ask for no more than is left to pick",
    """SELECT f.id, f.quantity - f.picked AS left_to_pick, sum(t.quantity - t.picked) AS asked
       FROM fulfillment_fulfillmentorderline f JOIN fulfillment_picktask t ON t.fulfillment_line_id = f.id
       WHERE t.state = 'pending' GROUP BY f.id HAVING sum(t.quantity - t.picked) > f.quantity - f.picked""",
)
sql(
    "I7",
    "A labelled or handed-over shipment has a bought label on every parcel, but what is collected",
    """SELECT s.id, s.number, p.position FROM fulfillment_shipment s
       JOIN fulfillment_fulfillmentorder o ON o.id = s.fulfillment_order_id AND o.method = 'ship'
       JOIN fulfillment_parcel p ON p.shipment_id = s.id
       LEFT JOIN carriers_label l ON l.id = p.label_id
       WHERE s.account_id IS NOT NULL AND s.state IN ('labelled', 'handed_over')
         AND coalesce(l.state, '') NOT IN ('bought')""",
)
sql(
    "I6",
    "Shipped units of work are the ledger's",
    """SELECT coalesce(w.number, m.reference) AS number, coalesce(w.sku_id, m.sku_id) AS sku_id,
              coalesce(w.units, 0) AS shipped, coalesce(m.units, 0) AS in_ledger
       FROM (SELECT o.number, f.sku_id, sum(f.shipped) AS units FROM fulfillment_fulfillmentorderline f
             JOIN fulfillment_fulfillmentorder o ON o.id = f.fulfillment_order_id
             WHERE o.location_id IS NOT NULL AND f.shipped > 0 GROUP BY o.number, f.sku_id) w
       FULL JOIN (SELECT reference, sku_id, -sum(on_hand) AS units FROM inventory_stockmovement
                  WHERE kind = 'shipped' AND reference LIKE 'FO-%' GROUP BY reference, sku_id) m
         ON m.reference = w.number AND m.sku_id = w.sku_id
       WHERE coalesce(w.units, 0) <> coalesce(m.units, 0)""",
)
sql(
    "I15",
    "A question to put units back concerns units that are picked",
    """SELECT i.id, f.picked - f.shipped AS picked, sum(i.quantity) OVER (PARTITION BY f.id) AS asked
       FROM fulfillment_intercept i JOIN fulfillment_fulfillmentorderline f ON f.id = i.fulfillment_line_id
       WHERE i.state = 'asked' AND i.quantity > f.picked - f.shipped""",
)
sql(
    "I6",
    "What is on its way to meet the rest of an order rides on a transfer that carries as much and is not over",
    """SELECT p.transfer_id, t.number, p.sku_id, sum(p.quantity) AS coming, max(l.quantity) AS carried, t.state
       FROM fulfillment_part p JOIN inventory_transfer t ON t.id = p.transfer_id
       LEFT JOIN inventory_transferline l ON l.transfer_id = p.transfer_id AND l.sku_id = p.sku_id
       WHERE p.state = 'coming' GROUP BY p.transfer_id, t.number, p.sku_id, t.state
       HAVING t.state NOT IN ('draft', 'shipped') OR sum(p.quantity) > coalesce(max(l.quantity), 0)""",
)
sql(
    "I6",
    "A planned transfer of parts carries nothing else than what an order waits for",
    """SELECT t.number, l.sku_id, l.quantity, coalesce(p.units, 0) AS coming FROM inventory_transfer t
       JOIN inventory_transferline l ON l.transfer_id = t.id
       LEFT JOIN (SELECT transfer_id, sku_id, sum(quantity) AS units FROM fulfillment_part
                  WHERE state = 'coming' GROUP BY transfer_id, sku_id) p
         ON p.transfer_id = t.id AND p.sku_id = l.sku_id
       WHERE t.state = 'draft' AND t.id IN (SELECT transfer_id FROM fulfillment_part)
         AND l.quantity <> coalesce(p.units, 0)""",
)
sql(
    "I6",
    "Nothing is picked at a place where parts of the order are still to meet",
    """SELECT o.id, o.number, p.id AS part FROM fulfillment_part p
       JOIN inventory_transfer t ON t.id = p.transfer_id
       JOIN orders_orderline ol ON ol.id = p.order_line_id
       JOIN fulfillment_fulfillmentorder o ON o.order_id = ol.order_id AND o.location_id = t.destination_id
       WHERE p.state = 'coming' AND o.state IN ('released', 'in_progress') AND o.decision_id = p.decision_id""",
)
