"""HTTP of the fake shop, standard library only. It listens on loopback and nowhere else."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from orders.channels.fake.books import Books
from orders.channels.fake.sending import WAYS, Sending, is_loopback
from orders.channels.generic import signature

Answer = tuple[int, Any]
KINDS = ("503", "429", "422", "cut_after", "slow")


class FakeShop:
    """`with FakeShop() as shop:` serves in threads until the end; `serve_forever()` in this one."""

    def __init__(self, port: int = 0, books: str | Path = ":memory:") -> None:
        self.books = Books(books)
        self.sending = Sending(self.books)
        self.faults: list[str] = []  # one each for the next calls that tell us something
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.shop = self

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def callback_url(self) -> str:
        return f"{self.url}/told"

    def connect(self, url: str, secret: str) -> Answer:
        """Where the order management takes orders, and the secret both sides sign with."""
        if not is_loopback(url):
            return 422, {"error": "Only an address of this machine."}
        self.books.do("INSERT OR REPLACE INTO hook VALUES (1, ?, ?)", url, secret)
        return 200, {"url": url}

    def sell(self, order: dict[str, Any], way: str = "") -> Answer:
        """Somebody has bought something: {"order": …} as the order API takes it."""
        if way and way not in WAYS:
            return 422, {"error": f"One of {', '.join(WAYS)}."}
        order = self.books.sell(order)
        self.sending.queue(order, way=way)
        return 201, order

    def hear(self, body: bytes, given: str, key: str) -> Answer:
        hook = self.books.one("SELECT secret FROM hook")
        if not hook or not signature.verify(body, given, [hook["secret"]]):
            return 401, {"error": "The signature does not match."}
        told = json.loads(body)
        self.books.hear(key or told["key"], told)
        return 200, {"taken": True}

    def set(self, told: dict[str, Any]) -> Answer:
        faults, way = list(told.get("faults", [])), told.get("sending", "orderly")
        if way not in WAYS or any(kind not in KINDS for kind in faults):
            return 422, {"error": f"sending: one of {', '.join(WAYS)}; faults: of {', '.join(KINDS)}."}
        self.faults, self.sending.way = faults, way
        return 200, {"faults": faults, "sending": way}

    def serve_forever(self) -> None:
        self.sending.start()
        self._http.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        self.sending.stop()
        self._http.server_close()
        self.books.close()

    def __enter__(self) -> "FakeShop":
        threading.Thread(target=self.serve_forever, name="fake-shop", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    shop: FakeShop


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *_: Any) -> None:
        """Quiet: the books tell."""

    def do_GET(self) -> None:
        shop = self.server.shop
        if self.path == "/_admin/books":
            return self._say(200, shop.books.whole())
        return self._say(404, {"error": "There is nothing here."})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/told":
            return self._told(raw)
        try:
            return self._say(*self._admin(json.loads(raw or b"{}")))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            return self._say(422, {"error": f"{type(e).__name__}: {e}"})

    def _admin(self, told: dict[str, Any]) -> Answer:
        shop = self.server.shop
        if self.path == "/v1/orders":
            return shop.sell(told["order"], told.get("sending", ""))
        if self.path == "/_admin/hook":
            return shop.connect(told["url"], told["secret"])
        if self.path == "/_admin/faults":
            return shop.set(told)
        if self.path == "/_admin/flush":
            return 200, {"taken": shop.sending.flush()}
        if self.path == "/_admin/burn":
            return 200, {"burned": shop.books.burn()}
        return 404, {"error": "There is nothing here."}

    def _told(self, raw: bytes) -> None:
        shop = self.server.shop
        with shop.books.lock:
            fault = shop.faults.pop(0) if shop.faults else ""
        if fault.isdigit():
            return self._say(int(fault), {"error": "Out of order."}, {"Retry-After": "1"} if fault == "429" else {})
        if fault == "slow":
            time.sleep(1)
        answer = shop.hear(raw, self.headers.get("X-OMS-Signature", ""), self.headers.get("Idempotency-Key", ""))
        if fault == "cut_after":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        return self._say(*answer)

    def _say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
