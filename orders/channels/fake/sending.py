"""Signed webhooks of the fake shop, sent by a thread of its own and tried again; by wish late, twice or shuffled."""

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from orders.channels.fake.books import Books
from orders.channels.generic import signature

log = logging.getLogger(__name__)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
WAYS = ("orderly", "twice", "shuffled", "late")
MOST_TRIES = 8
LATE = 20.0
TAKEN, GIVEN_UP = 1, 2


class Sending:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._stop = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="fake-shop-sending", daemon=True)
        self.way = "orderly"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def queue(self, order: dict[str, Any], *, way: str = "") -> None:
        """Send the sale when its time comes. Two deliveries of one sale are the same event."""
        event = f"sale-{order['external_id']}"
        for delay in self._delays(event, way or self.way):
            self._books.do(
                "INSERT INTO delivery (event, body, due) VALUES (?, ?, ?)",
                event,
                json.dumps(order),
                time.time() + delay,
            )

    def flush(self) -> int:
        """Send all that waits, whenever it was due. How many were taken."""
        return self._send("SELECT * FROM delivery WHERE done = 0 ORDER BY due, id")

    def _delays(self, event: str, way: str) -> tuple[float, ...]:
        if way not in WAYS:
            raise ValueError(f"one of {', '.join(WAYS)}")
        odd = sum(event.encode()) * 7 % 10
        return {"orderly": (0.0,), "twice": (0.0, 0.3), "shuffled": (odd * 0.2,), "late": (LATE,)}[way]

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            try:
                self._send("SELECT * FROM delivery WHERE done = 0 AND due <= ? ORDER BY due, id LIMIT 50", time.time())
            except Exception:
                log.exception("The fake shop could not send its orders")

    def _send(self, sql: str, *values: Any) -> int:
        with self._one_at_a_time:
            hook = self._books.one("SELECT url, secret FROM hook")
            return sum(self._deliver(row, hook) for row in self._books.all(sql, *values)) if hook else 0

    def _deliver(self, row: dict[str, Any], hook: dict[str, Any]) -> bool:
        answer = _post(hook["url"], row["body"].encode(), hook["secret"], row["event"])
        tries = row["tries"] + 1
        taken = answer.startswith("2")
        done = TAKEN if taken else GIVEN_UP if tries >= MOST_TRIES else 0
        self._books.do(
            "UPDATE delivery SET tries = ?, due = ?, done = ?, answer = ? WHERE id = ?",
            tries,
            time.time() + min(2.0**tries, 60.0),
            done,
            answer,
            row["id"],
        )
        return taken


def is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def _post(url: str, body: bytes, secret: str, event: str) -> str:
    """The status, or why there is none."""
    headers = {
        "Content-Type": "application/json",
        "X-OMS-Signature": signature.sign(body, secret),
        "X-OMS-Event-Id": event,
        "X-OMS-Topic": "order.placed",
    }
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  loopback, checked when told
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return str(response.status)
    except urllib.error.HTTPError as e:
        return str(e.code)
    except OSError as e:
        return type(e).__name__
