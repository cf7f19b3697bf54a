"""What goes wrong on purpose. Each fault is used up so many times, in the order in which they were set."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

KINDS = ("503_before", "500_after", "cut_before", "cut_after", "429", "slow", "garbled", "refuse")
HOOKS = ("orderly", "twice", "shuffled", "late", "unruly", "off")


@dataclass
class Fault:
    """`on` is a verb (rates, buy, find, void, manifest, track, check) or `any`; `seconds` is for slow and 429."""

    on: str
    kind: str
    times: int = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Fault] = []
        self.hooks = "orderly"

    def set(self, told: dict[str, Any]) -> dict[str, Any]:
        queue = [Fault(**one) for one in told.get("faults", [])]
        hooks = told.get("webhooks", "orderly")
        if hooks not in HOOKS:
            raise ValueError(f"no such way of sending: {hooks}")
        with self._lock:
            self._queue, self.hooks = queue, hooks
        return self.told()

    def take(self, verb: str) -> Fault | None:
        with self._lock:
            found = next((fault for fault in self._queue if fault.on in (verb, "any")), None)
            if found:
                found.times -= 1
                if found.times <= 0:
                    self._queue.remove(found)
            return found

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {"faults": [asdict(fault) for fault in self._queue], "webhooks": self.hooks}
