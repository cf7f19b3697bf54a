"""The running product as the day's people and machines reach it: the API, pages, the shop and the carrier."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from oms.accounts.demo import DOMAIN
from oms.common import http
from oms.desk.simulation.pages import Person, Unexpected

T = TypeVar("T")
PAUSE = 0.1
PATIENCE = 90.0
SETTLING = ("unallocated",)


@dataclass(frozen=True)
class Doors:
    """Addresses and keys of the product and of the two other sides."""

    desk: str
    shop: str
    carrier: str
    token: str
    password: str


@dataclass
class World:
    doors: Doors
    tag: str  # in every number of the day, so that one world can live through many
    scarce: str = ""
    numbers: dict[int, str] = field(default_factory=dict)  # plan → order number
    _own: threading.local = field(default_factory=threading.local)
    _clients: list[Any] = field(default_factory=list)

    def api(self, method: str, path: str, body: Any = None, *, ok: tuple[int, ...] = (200,)) -> Any:
        """JSON of /api/v1<path>."""
        headers = {"Authorization": f"Bearer {self.doors.token}"}
        return self._json(self._client(self.doors.desk), method, f"/api/v1{path}", body, ok, headers)

    def shop(self, path: str, body: Any = None) -> Any:
        return self._json(self._client(self.doors.shop), "GET" if body is None else "POST", path, body, (200, 201))

    def carrier(self, path: str, body: Any = None) -> Any:
        return self._json(self._client(self.doors.carrier), "GET" if body is None else "POST", path, body, (200,))

    def person(self, role: str) -> Person:
        """The demo person of the role, signed in once a thread."""
        people = self._own.__dict__.setdefault("people", {})
        if role not in people:
            people[role] = Person(self.doors.desk, f"{role}{DOMAIN}").sign_in(self.doors.password)
            self._clients.append(people[role])
        return people[role]

    def order(self, n: int) -> dict[str, Any]:
        return self.api("GET", f"/orders/{self.numbers[n]}")

    def external_id(self, n: int) -> str:
        return f"{self.tag}-{n:05d}"

    def settled(self, n: int) -> dict[str, Any]:
        """The order, once the workers have done with it what they can."""

        def looked() -> dict[str, Any] | None:
            order = self.order(n)
            waits = order["state"] == "received" and not order["holds"]
            routed = order["state"] != "confirmed" or order["fulfillment_state"] not in SETTLING
            return None if waits or not routed else order

        return self.wait(f"order {self.numbers[n]} is verified and given to a place", looked)

    def wait(self, what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
        """What `look` gives, as soon as it gives something. Raises Unexpected when it takes too long."""
        end = time.monotonic() + patience
        while (found := look()) is None:
            if time.monotonic() > end:
                raise Unexpected(f"After {patience:.0f} s still not true: {what}.")
            time.sleep(PAUSE)
        return found

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _client(self, address: str) -> Any:
        clients = self._own.__dict__.setdefault("clients", {})
        if address not in clients:
            private = frozenset({urlsplit(address).netloc})
            clients[address] = http.client(base_url=address, timeout=60, private=private)
            self._clients.append(clients[address])
        return clients[address]

    def _json(
        self, client: Any, method: str, path: str, body: Any, ok: Iterable[int], headers: dict[str, str] | None = None
    ) -> Any:
        answer = client.request(method, path, json=body, headers=headers)
        if answer.status_code not in ok:
            raise Unexpected(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json()
