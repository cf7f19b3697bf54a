"""Draw a portion of orders and lines into two tables of their own, from which everything else is written."""

from typing import Any

from oms.desk.bulk import stages
from oms.desk.bulk.rows import run

RECENT = 0.06  # of the orders may still be at work
DAYS = 730
OTHERS = 400  # in 10,000 of the older orders were cancelled; the rest is closed

ORDERS = f"""
CREATE TEMP TABLE bulk_order ON COMMIT DROP AS
SELECT n, %(orders)s + n AS id, (%(order_numbers)s + n)::text AS number, stage.*,
       %(fos)s + n AS fo_id, 'FO-' || %(fo_numbers)s + n AS fo_number,
       %(shipments)s + n AS shipment_id, 'SH-' || %(shipment_numbers)s + n AS shipment_number,
       %(parcels)s + n AS parcel_id,
       'PP' || lpad((%(shipment_numbers)s + n)::text, 12, '0') AS tracking_number,
       'B%(seed)s-' || %(order_numbers)s + n AS external_id, person, %(addresses)s + person AS address_id,
       (%(channels)s::bigint[])[CASE WHEN way < 60 THEN 1 WHEN way < 85 THEN 2 WHEN way < 93 THEN 3
                                     WHEN way < 97 THEN 4 ELSE 5 END] AS channel_id,
       (%(locations)s::bigint[])[CASE WHEN place < 45 THEN 1 WHEN place < 75 THEN 2 WHEN place < 95 THEN 3
                                      ELSE 4 END] AS location_id,
       CASE WHEN size < 45 THEN 1 WHEN size < 75 THEN 2 WHEN size < 90 THEN 3 WHEN size < 97 THEN 4 ELSE 6 END AS size,
       recent, express, placed_at, least(now() - placed_at, interval '4 days') AS took
FROM (SELECT n, n > %(total)s * {1 - RECENT} AS recent, pg_temp.oms_bulk_draw(n, %(seed)s, 21) %% 10000 AS roll,
             1 + pg_temp.oms_bulk_draw(n, %(seed)s, 22) %% %(customer_count)s AS person,
             pg_temp.oms_bulk_draw(n, %(seed)s, 23) %% 100 AS way,
             pg_temp.oms_bulk_draw(n, %(seed)s, 24) %% 100 AS place,
             pg_temp.oms_bulk_draw(n, %(seed)s, 25) %% 100 AS size,
             pg_temp.oms_bulk_draw(n, %(seed)s, 26) %% 8 = 0 AS express,
             now() - interval '{DAYS} days' * power((%(total)s - n + 0.5) / %(total)s::float, 2) AS placed_at
      FROM generate_series(%(first)s::int, %(last)s) AS n) AS drawn
JOIN {stages.table()}
  ON CASE WHEN recent THEN roll >= above AND roll < upto WHEN roll < {OTHERS} THEN stage = 'cancelled'
          ELSE stage = 'closed' END"""  # noqa: S608  our own words

LINES = """
CREATE TEMP TABLE bulk_line ON COMMIT DROP AS
SELECT id, fol_id, n, order_id, position, sku_id, code, name, price, units, discount,
       round((price * units - discount) * 0.19, 2) AS tax, location_id, step, stage,
       CASE WHEN stage = 'backordered' THEN units ELSE 0 END AS backordered,
       CASE WHEN stage = 'cancelled' THEN units ELSE 0 END AS cancelled,
       CASE WHEN step BETWEEN 1 AND 5 THEN units ELSE 0 END AS allocated,
       CASE WHEN step >= 3 THEN units ELSE 0 END AS picked,
       CASE WHEN step >= 4 THEN units ELSE 0 END AS packed,
       CASE WHEN step >= 6 THEN units ELSE 0 END AS shipped,
       CASE WHEN step >= 7 THEN units ELSE 0 END AS delivered
FROM (SELECT drawn.*, sku.code, sku.name, sku.price,
             CASE WHEN n %% 10 = 0 THEN round(sku.price * units / 10, 2) ELSE 0 END AS discount
      FROM (SELECT n, order_id, position, location_id, step, stage,
                   %(lines)s + n * 6 + position AS id, %(fols)s + n * 6 + position AS fol_id,
                   %(skus)s + CASE WHEN stage = 'backordered' THEN 1 + roll %% %(gone)s
                        ELSE %(gone)s + 1 + floor((%(sku_count)s - %(gone)s) * power(roll / 1048576.0::float, 2))
                        END::int AS sku_id,
                   CASE WHEN many < 75 THEN 1 WHEN many < 93 THEN 2 WHEN many < 99 THEN 3 ELSE 12 END AS units
            FROM (SELECT n, id AS order_id, position, location_id, step, stage,
                         pg_temp.oms_bulk_draw(n * 6 + position, %(seed)s, 31) AS roll,
                         pg_temp.oms_bulk_draw(n * 6 + position, %(seed)s, 32) %% 100 AS many
                  FROM bulk_order, generate_series(1, size) AS position) AS rolled) AS drawn
      JOIN inventory_sku AS sku ON sku.id = sku_id) AS priced"""

SUMS = """
CREATE TEMP TABLE bulk_sum ON COMMIT DROP AS
SELECT order_id, sum(price * units) AS goods, sum(discount) AS discount, sum(tax) AS tax,
       CASE WHEN sum(price * units) > 100 THEN 0 ELSE 4.90 END AS shipping,
       string_agg(code, ' ' ORDER BY position) AS codes
FROM bulk_line GROUP BY order_id"""


def draw(params: dict[str, Any]) -> None:
    for statement in (ORDERS, LINES, SUMS):
        run(statement, params)
    for table in ("bulk_order", "bulk_line", "bulk_sum"):
        run(f"ANALYZE {table}")
