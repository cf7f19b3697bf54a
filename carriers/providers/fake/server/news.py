"""Webhooks of the fake carrier: signed, sent by a thread of its own, tried again; by wish late, twice or shuffled."""

import json
import logging
import threading
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from carriers.providers.fake.provider import signature
from carriers.providers.fake.server.books import Books
from carriers.providers.fake.server.faults import Faults

log = logging.getLogger(__name__)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_TRIES = 8
SENT, GIVEN_UP = 1, 2


class News:
    def __init__(self, books: Books, faults: Faults) -> None:
        self._books, self._faults = books, faults
        self._stop = threading.Event()
        self._sending = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="fake-carrier-news", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def tell(self, number: str, event: dict[str, Any]) -> None:
        """Queue it for everybody who registered. The delivery's number is inside the signed body."""
        body = json.dumps({"delivery": f"evt-{event['id']}", "parcels": [{"number": number, "events": [event]}]})
        for row in self._books.all("SELECT url FROM webhook ORDER BY url"):
            for delay in self._delays(event["id"]):
                self._books.add("delivery", url=row["url"], body=body, due=time.time() + delay)

    def flush(self) -> int:
        """Send all that waits, whenever it was due. How many arrived."""
        return self._send("SELECT * FROM delivery WHERE done = 0 ORDER BY due, id", ())

    def _delays(self, event_id: int) -> tuple[float, ...]:
        """One number a delivery. Which event suffers what follows from its id alone."""
        odd = (event_id * 2654435761) % 10
        ways = {
            "orderly": (0.0,),
            "twice": (0.0, 0.3),
            "shuffled": (odd * 0.2,),
            "late": (20.0,),
            "off": (),
            "unruly": {0: (), 1: (0.0, 2.0), 2: (6.0,), 3: (3.0, 3.0)}.get(odd, (0.0,)),
        }
        return ways[self._faults.hooks]

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            try:
                due = "SELECT * FROM delivery WHERE done = 0 AND due <= ? ORDER BY due, id LIMIT 50"
                self._send(due, (time.time(),))
            except Exception:
                log.exception("The fake carrier could not send its news")

    def _send(self, sql: str, values: tuple) -> int:
        with self._sending:
            return sum(self._deliver(row) for row in self._books.all(sql, *values))

    def _deliver(self, row: dict[str, Any]) -> bool:
        hook = self._books.one("SELECT secret FROM webhook WHERE url = ?", row["url"])
        if hook and _post(row["url"], row["body"].encode(), hook["secret"]):
            self._books.do("UPDATE delivery SET done = ? WHERE id = ?", SENT, row["id"])
            return True
        tries = row["tries"] + 1
        done = GIVEN_UP if tries >= MOST_TRIES or not hook else 0
        again = time.time() + min(2.0**tries, 60.0)
        self._books.do("UPDATE delivery SET tries = ?, due = ?, done = ? WHERE id = ?", tries, again, done, row["id"])
        return False


def is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def _post(url: str, body: bytes, secret: str) -> bool:
    headers = {"Content-Type": "application/json", "X-Fake-Signature": signature(secret, body)}
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  loopback, checked when registered
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return 200 <= response.status < 300
    except OSError:
        return False
