"""Keeps services running: whoever ends by itself is started again, later each time, and a person is told."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from oms.stack.processes import Child, end

LONGEST_PAUSE = 30.0
SETTLED_SECONDS = 60.0


class ServiceLost(Exception):
    """A service ended that nothing can go on without."""


@dataclass
class Service:
    child: Child
    again: Callable[[], Child] | None
    failures: int = 0
    started_at: float = field(default_factory=time.monotonic)
    due_at: float | None = None


class Supervisor:
    def __init__(self, *, say: Callable[[str], None], changed: Callable[[list[Child]], None]) -> None:
        self.services: list[Service] = []
        self.say = say
        self.changed = changed

    def run(self, start: Callable[[], Child]) -> Child:
        return self.keep(start(), again=start)

    def keep(self, child: Child, *, again: Callable[[], Child] | None) -> Child:
        """Watch over a child. Without `again` its end is the end of all."""
        self.services.append(Service(child, again))
        self._tell()
        return child

    def look(self) -> None:
        """One round: notice who ended, start again whose pause is over."""
        for service in self.services:
            if service.due_at is not None:
                self._start_again_when_due(service)
            elif service.child.code is not None:
                self._note_end(service)

    def end(self, names: set[str] | None = None, *, patience: float) -> None:
        """Ask these (or all) to end at once; kill whoever is late."""
        leaving = [service for service in self.services if names is None or service.child.name in names]
        self.services = [service for service in self.services if service not in leaving]
        for late in end([service.child for service in leaving], patience=patience):
            self.say(f"{late.name} did not end within {patience:.0f} s and was killed")

    def _note_end(self, service: Service) -> None:
        name, code = service.child.name, service.child.code
        service.child.kill()  # what it had started must not work on beside its successor
        if service.again is None:
            raise ServiceLost(f"{name} ended unexpectedly (code {code})")
        if time.monotonic() - service.started_at > SETTLED_SECONDS:
            service.failures = 0
        pause = min(2.0**service.failures, LONGEST_PAUSE)
        service.failures += 1
        service.due_at = time.monotonic() + pause
        self.say(f"{name} ended unexpectedly (code {code}); starting it again in {pause:.0f} s")

    def _start_again_when_due(self, service: Service) -> None:
        now = time.monotonic()
        if now >= service.due_at and service.again:
            service.due_at, service.started_at = None, now
            service.child = service.again()
            self._tell()

    def _tell(self) -> None:
        self.changed([service.child for service in self.services])
