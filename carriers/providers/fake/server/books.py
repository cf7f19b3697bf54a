"""What the carrier has sold, carried and told: a SQLite file that survives restarts. One lock, short sentences."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS label (
    id TEXT PRIMARY KEY, reference TEXT UNIQUE, number TEXT UNIQUE, service TEXT, price TEXT, currency TEXT,
    state TEXT DEFAULT 'sold', manifest TEXT DEFAULT '', asked TEXT, zpl TEXT, pdf BLOB, sold_at TEXT);
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT, code TEXT, at TEXT, text TEXT, place TEXT,
    signed_by TEXT DEFAULT '', expected_at TEXT DEFAULT '');
CREATE INDEX IF NOT EXISTS event_number ON event (number, id);
CREATE TABLE IF NOT EXISTS manifest (id TEXT PRIMARY KEY, reference TEXT UNIQUE, told TEXT, pdf BLOB);
CREATE TABLE IF NOT EXISTS webhook (url TEXT PRIMARY KEY, secret TEXT);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT, body TEXT, due REAL, tries INTEGER DEFAULT 0,
    done INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS call (verb TEXT PRIMARY KEY, times INTEGER);
"""
NAMES = ("label", "event", "manifest", "webhook", "delivery", "call")
Row = dict[str, Any]


class Books:
    def __init__(self, path: str | Path = ":memory:") -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        with self._lock:
            self._db.executescript(f"PRAGMA journal_mode=WAL;{TABLES}")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def all(self, sql: str, *values: Any) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values).fetchall()]

    def one(self, sql: str, *values: Any) -> Row | None:
        return next(iter(self.all(sql, *values)), None)

    def do(self, sql: str, *values: Any) -> int:
        """Rows changed."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def add(self, table: str, **values: Any) -> int:
        """The new row's id."""
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        with self._lock:
            sentence = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  names are our own
            return self._db.execute(sentence, tuple(values.values())).lastrowid

    def count(self, verb: str) -> None:
        self.do("INSERT INTO call VALUES (?, 1) ON CONFLICT (verb) DO UPDATE SET times = times + 1", verb)

    def together(self) -> threading.RLock:
        """Hold it for several sentences that belong together."""
        return self._lock

    def events_of(self, numbers: Sequence[str]) -> dict[str, list[Row]]:
        marks = ", ".join("?" for _ in numbers)
        found: dict[str, list[Row]] = {}
        sentence = f"SELECT * FROM event WHERE number IN ({marks}) ORDER BY id"  # noqa: S608  question marks
        for row in self.all(sentence, *numbers):
            found.setdefault(row.pop("number"), []).append(row)
        return found

    def told(self) -> dict[str, Any]:
        """Everything, without the paper, to be compared with somebody else's books."""
        labels = self.all(
            "SELECT id, reference, number, service, price, currency, state, manifest FROM label ORDER BY sold_at, id"
        )
        last = {row["number"]: row["code"] for row in self.all("SELECT number, code FROM event ORDER BY at, id")}
        manifests = [json.loads(row["told"]) for row in self.all("SELECT told FROM manifest ORDER BY id")]
        return {
            "labels": [{**row, "last": last.get(row["number"], "")} for row in labels],
            "manifests": [{key: value for key, value in told.items() if key != "pdf"} for told in manifests],
            "webhooks": [row["url"] for row in self.all("SELECT url FROM webhook ORDER BY url")],
            "waiting": self.one("SELECT count(*) AS n FROM delivery WHERE done = 0")["n"],
            "calls": {row["verb"]: row["times"] for row in self.all("SELECT * FROM call ORDER BY verb")},
        }

    def burn(self) -> None:
        with self._lock:
            for name in NAMES:
                self._db.execute(f"DELETE FROM {name}")  # noqa: S608  names are our own
