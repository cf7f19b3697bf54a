"""What Postgres can do when nothing stands above it: the least tables that hold an order, and one statement a task.

An order, its lines and reservations, stock rows locked in id order, counters with CHECKs: no product could write less.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

SCHEMA = """
DROP SCHEMA IF EXISTS raw CASCADE;
CREATE SCHEMA raw;
CREATE TABLE raw.stock (
    id bigint PRIMARY KEY, on_hand int NOT NULL, allocated int NOT NULL DEFAULT 0,
    CHECK (allocated >= 0 AND on_hand >= allocated));
CREATE TABLE raw.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL UNIQUE, email text NOT NULL,
    total numeric(14, 3) NOT NULL, placed_at timestamptz NOT NULL);
CREATE TABLE raw.line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint NOT NULL REFERENCES raw.orders,
    stock_id bigint NOT NULL REFERENCES raw.stock, units int NOT NULL CHECK (units > 0), price numeric(14, 3) NOT NULL);
CREATE INDEX ON raw.line (order_id);
CREATE TABLE raw.reservation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint NOT NULL REFERENCES raw.orders,
    stock_id bigint NOT NULL REFERENCES raw.stock, units int NOT NULL CHECK (units > 0));
CREATE INDEX ON raw.reservation (stock_id);
CREATE TABLE raw.wish (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stock_id bigint NOT NULL, units int NOT NULL,
    state text NOT NULL DEFAULT 'new');
CREATE INDEX ON raw.wish (id) WHERE state = 'new';
CREATE TABLE raw.job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload jsonb NOT NULL, state text NOT NULL DEFAULT 'new');
CREATE INDEX ON raw.job (id) WHERE state = 'new';
"""

ORDERS = """
WITH line AS MATERIALIZED (
    SELECT * FROM unnest(%(numbers)s::text[], %(stocks)s::bigint[], %(units)s::int[]) AS l(number, stock_id, units)),
locked AS MATERIALIZED (
    SELECT id FROM raw.stock WHERE id IN (SELECT stock_id FROM line) ORDER BY id FOR NO KEY UPDATE),
taken AS (
    UPDATE raw.stock s SET allocated = s.allocated + w.units
    FROM (SELECT stock_id, sum(units)::int AS units FROM line GROUP BY stock_id) w
    WHERE s.id = w.stock_id AND s.id IN (SELECT id FROM locked)),
new AS (
    INSERT INTO raw.orders (number, email, total, placed_at)
    SELECT number, 'buyer@shop.example', sum(units) * 9.5, %(at)s FROM line GROUP BY number RETURNING id, number),
lines AS (
    INSERT INTO raw.line (order_id, stock_id, units, price)
    SELECT n.id, l.stock_id, l.units, 9.5 FROM line l JOIN new n USING (number))
INSERT INTO raw.reservation (order_id, stock_id, units)
SELECT n.id, l.stock_id, l.units FROM line l JOIN new n USING (number)
"""

WISHES = """
WITH mine AS MATERIALIZED (
    SELECT id, stock_id, units FROM raw.wish WHERE state = 'new' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT %(limit)s),
locked AS MATERIALIZED (SELECT id, on_hand - allocated AS free FROM raw.stock WHERE id IN (SELECT stock_id FROM mine)
    ORDER BY id FOR NO KEY UPDATE),
judged AS (
    SELECT m.*, sum(m.units) OVER (PARTITION BY m.stock_id ORDER BY m.id) <= l.free AS granted
    FROM mine m JOIN locked l ON l.id = m.stock_id),
counted AS (
    UPDATE raw.stock s SET allocated = s.allocated + g.units
    FROM (SELECT stock_id, sum(units)::int AS units FROM judged WHERE granted GROUP BY stock_id) g
    WHERE s.id = g.stock_id)
UPDATE raw.wish w SET state = CASE WHEN j.granted THEN 'granted' ELSE 'refused' END FROM judged j WHERE w.id = j.id
"""

JOBS = """
WITH mine AS (SELECT id FROM raw.job WHERE state = 'new' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT %(limit)s)
UPDATE raw.job j SET state = 'done' FROM mine WHERE j.id = mine.id RETURNING j.id, j.payload
"""


@dataclass(frozen=True)
class RawOrder:
    number: str
    lines: tuple[tuple[int, int], ...]  # (stock row, units)


def orders(count: int, *, stocks: int, hot: int | None = None, seed: int = 1) -> list[RawOrder]:
    """Of three lines each; with `hot` every order wants a unit of that row too, instead of its third line."""
    picked = random.Random(seed)
    return [RawOrder(f"R{seed}-{n}", _lines(picked, stocks, hot)) for n in range(count)]


def _lines(picked: random.Random, stocks: int, hot: int | None) -> tuple[tuple[int, int], ...]:
    rows = picked.sample(range(1, stocks + 1), 3 if hot is None else 2)
    return (*((row, picked.randint(1, 3)) for row in rows), *(() if hot is None else ((hot, 1),)))


def prepare(connection: psycopg.Connection, *, stocks: int, units: int) -> None:
    """Fresh tables with `units` of each of `stocks` rows."""
    connection.execute(SCHEMA)
    connection.execute(
        "INSERT INTO raw.stock (id, on_hand) SELECT n, %s FROM generate_series(1, %s) n", [units, stocks]
    )
    connection.execute("ANALYZE raw.stock")


def confirm(connection: psycopg.Connection, orders: Sequence[RawOrder]) -> None:
    """One statement, one commit, for one order or a thousand."""
    rows = [(order.number, stock, units) for order in orders for stock, units in order.lines]
    numbers, stocks, units = (list(column) for column in zip(*rows, strict=True))
    at = datetime.now(UTC)
    connection.execute(ORDERS, {"numbers": numbers, "stocks": stocks, "units": units, "at": at})
