"""HTTP of the fake carrier, standard library only. It listens on loopback and nowhere else."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from carriers.providers.fake.server import prices
from carriers.providers.fake.server.books import Books
from carriers.providers.fake.server.desk import Desk, Refusal, now
from carriers.providers.fake.server.faults import Fault, Faults
from carriers.providers.fake.server.news import News

log = logging.getLogger(__name__)
DEFAULT_KEY = "fake-key"
Answer = tuple[int, Any]


class FakeCarrier:
    """`with FakeCarrier(...) as carrier:` serves in threads until the end; `serve_forever()` in this one."""

    def __init__(self, port: int = 0, books: str | Path = ":memory:", key: str = DEFAULT_KEY) -> None:
        self.books, self.faults, self.key = Books(books), Faults(), key
        self.news = News(self.books, self.faults)
        self.desk = Desk(self.books, self.news)
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.carrier = self

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def serve_forever(self) -> None:
        self.news.start()
        self._http.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        self._http.shutdown()
        self.close()

    def close(self) -> None:
        self.news.stop()
        self._http.server_close()
        self.books.close()

    def __enter__(self) -> "FakeCarrier":
        threading.Thread(target=self.serve_forever, name="fake-carrier", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    carrier: FakeCarrier


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def log_message(self, *_: Any) -> None:
        """Quiet: the books count the calls."""

    def _serve(self, method: str) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        verb, do = self._route(method, parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}, raw)
        if verb.startswith("_"):
            return self._say(*_careful(do))
        carrier = self.server.carrier
        if self.headers.get("Authorization") != f"Bearer {carrier.key}":
            return self._say(401, {"error": "This key is not ours."})
        carrier.books.count(verb)
        return self._suffer(carrier.faults.take(verb), do)

    def _suffer(self, fault: Fault | None, do: Callable[[], Answer]) -> None:
        kind = fault.kind if fault else ""
        if kind == "503_before":
            return self._say(503, {"error": "Out of order."})
        if kind == "429":
            return self._say(429, {"error": "Too many calls."}, {"Retry-After": f"{fault.seconds:g}"})
        if kind == "refuse":
            return self._say(422, {"error": "Refused on purpose."})
        if kind == "cut_before":
            return self._cut()
        status, body = _careful(do)
        if kind == "cut_after":
            return self._cut()
        if kind == "500_after":
            return self._say(500, {"error": "Something broke."})
        if kind == "garbled":
            return self._send(200, b'{"number": "FK', {})
        if kind == "slow":
            time.sleep(fault.seconds)
        return self._say(status, body)

    def _route(self, method: str, path: str, query: dict[str, str], raw: bytes) -> tuple[str, Callable[[], Answer]]:
        carrier, desk = self.server.carrier, self.server.carrier.desk
        told = lambda: json.loads(raw or b"{}")  # noqa: E731
        routes: dict[tuple[str, str], tuple[str, Callable[[], Answer]]] = {
            ("GET", "/v1/account"): ("check", lambda: (200, _account(carrier))),
            ("GET", "/v1/services"): ("check", lambda: (200, {"services": prices.services()})),
            ("POST", "/v1/rates"): ("rates", lambda: (200, {"offers": prices.offers(told(), now())})),
            ("POST", "/v1/labels"): ("buy", lambda: desk.sell(told())),
            ("GET", "/v1/labels"): ("find", lambda: (200, {"labels": desk.find(query.get("reference", ""))})),
            ("POST", "/v1/manifests"): ("manifest", lambda: (200, desk.close_manifest(told()))),
            ("GET", "/v1/tracking"): ("track", lambda: (200, desk.track(query.get("numbers", "").split(",")))),
            ("POST", "/v1/webhooks"): ("hook", lambda: (200, desk.register(told()["url"], told()["secret"]))),
            ("GET", "/_admin/books"): ("_books", lambda: (200, carrier.books.told())),
            ("GET", "/_admin/faults"): ("_faults", lambda: (200, carrier.faults.told())),
            ("POST", "/_admin/faults"): ("_faults", lambda: (200, carrier.faults.set(told()))),
            ("POST", "/_admin/advance"): ("_advance", lambda: (200, desk.advance(told()))),
            ("POST", "/_admin/burn"): ("_burn", lambda: (200, {"burned": carrier.books.burn()})),
        }
        if found := routes.get((method, path)):
            return found
        pieces = path.strip("/").split("/")
        if method == "POST" and pieces[:2] == ["v1", "labels"] and pieces[3:] == ["void"]:
            return "void", lambda: (200, desk.void(pieces[2]))
        return "_nothing", lambda: (404, {"error": "There is nothing here."})

    def _say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), headers or {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        """No answer at all: the line goes dead."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _careful(do: Callable[[], Answer]) -> Answer:
    try:
        return do()
    except Refusal as e:
        return e.status, {"error": str(e)}
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        return 422, {"error": f"Not understood: {type(e).__name__} {e}"}


def _account(carrier: FakeCarrier) -> dict[str, Any]:
    sold = carrier.books.one("SELECT count(*) AS n FROM label WHERE state = 'sold'")
    return {"name": "Fake Parcel", "labels": sold["n"]}
