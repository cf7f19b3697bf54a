"""What the shop has sold, sent and been told: a SQLite file that survives restarts. One lock, short sentences."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS sale (id TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS hook (one INTEGER PRIMARY KEY CHECK (one = 1), url TEXT, secret TEXT);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, body TEXT, due REAL, tries INTEGER DEFAULT 0,
    done INTEGER DEFAULT 0, answer TEXT DEFAULT '');
CREATE TABLE IF NOT EXISTS told (
    key TEXT PRIMARY KEY, topic TEXT, sale TEXT, body TEXT, times INTEGER DEFAULT 1);
"""
NAMES = ("sale", "hook", "delivery", "told")
Row = dict[str, Any]


class Books:
    def __init__(self, path: str | Path = ":memory:") -> None:
        self.lock = threading.RLock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        with self.lock:
            self._db.executescript(f"PRAGMA journal_mode=WAL;{TABLES}")

    def close(self) -> None:
        with self.lock:
            self._db.close()

    def all(self, sql: str, *values: Any) -> list[Row]:
        with self.lock:
            return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def one(self, sql: str, *values: Any) -> Row | None:
        return next(iter(self.all(sql, *values)), None)

    def do(self, sql: str, *values: Any) -> int:
        """Rows changed."""
        with self.lock:
            return self._db.execute(sql, values).rowcount

    def sell(self, order: dict[str, Any]) -> dict[str, Any]:
        """With a number of ours when it has none. The same number again is the same sale."""
        with self.lock:
            number = self.one("SELECT count(*) + 1 AS n FROM sale")["n"]
            order = {**order, "external_id": order.get("external_id") or f"S-{number:05d}"}
            self.do("INSERT OR IGNORE INTO sale VALUES (?, ?)", order["external_id"], json.dumps(order))
            return json.loads(self.one("SELECT body FROM sale WHERE id = ?", order["external_id"])["body"])

    def hear(self, key: str, told: dict[str, Any]) -> None:
        """What the order management tells us; the same key again is counted."""
        self.do(
            "INSERT INTO told (key, topic, sale, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET times = times + 1",
            key,
            str(told.get("topic", "")),
            str(told.get("order", "")),
            json.dumps(told),
        )

    def whole(self) -> dict[str, Any]:
        """Everything, to be compared with somebody else's books."""
        sales = {row["id"]: json.loads(row["body"]) for row in self.all("SELECT * FROM sale ORDER BY id")}
        told = self.all("SELECT key, topic, sale, body, times FROM told ORDER BY rowid")
        return {
            "orders": sales,
            "deliveries": self.all("SELECT event, tries, done, answer FROM delivery ORDER BY id"),
            "told": [{**row, "body": json.loads(row["body"])} for row in told],
            "waiting": self.one("SELECT count(*) AS n FROM delivery WHERE done = 0")["n"],
        }

    def burn(self) -> None:
        with self.lock:
            for name in NAMES:
                self._db.execute(f"DELETE FROM {name}")  # noqa: S608  names are our own
