"""`manage.py up`: one command from an empty folder to the running product, and back to nothing left running."""

import contextlib
import os
import signal
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path
from types import FrameType

from oms.stack import banner, demo, health, leftovers, processes, servers
from oms.stack.environment import FAKES, addresses_of, secrets_of
from oms.stack.home import Home
from oms.stack.ports import check, number_of
from oms.stack.processes import Child, last_lines
from oms.stack.services import Services, rotate
from oms.stack.supervisor import Supervisor

SERVERS = {"postgres", "valkey"}
ENDING_SECONDS = 20
PATIENCE_SECONDS = 60


class Asked(Exception):
    """Somebody asked us to end."""


class CannotStart(Exception):
    """The message says why, and what to do."""


class Launcher:
    def __init__(self, home: Path, *, commands: Collection[str]) -> None:
        self.home = Home(home)
        self.fakes = [name for name in FAKES if name in commands]
        self.has_demo = "setup_demo" in commands
        self.host, self.port = os.environ.get("HOST") or "127.0.0.1", number_of(os.environ.get("PORT") or "8000")
        self.address = f"http://{self.host if self.host != '0.0.0.0' else '127.0.0.1'}:{self.port}"  # noqa: S104
        self.asked = False
        self.began = time.monotonic()
        self.steps: list[Child] = []
        self.record = self.home.path / "processes.json"
        self.supervisor = Supervisor(say=self.say, changed=partial(leftovers.remember, self.record))

    def run(self) -> None:
        """Returns once asked to end; raises what a person should be told."""
        self._listen()
        self.home.claim()
        try:
            self._start()
            while True:
                self._tick()
                time.sleep(0.3)
        except Asked:
            self.say("Ending …")
        finally:
            self._end()

    def say(self, text: str) -> None:
        self._print(f"[{time.monotonic() - self.began:6.1f} s] {text}")

    def _print(self, text: str) -> None:
        """Whoever read us may have gone (`make run | head`): no reason to end."""
        with contextlib.suppress(OSError):
            print(text, flush=True)

    def _listen(self) -> None:
        """Set outright: a shell's `command &` starts us with SIGINT ignored. Only nohup's wish is respected."""

        def note(number: int, frame: FrameType | None) -> None:
            self.asked = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, note)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, note)

    def _start(self) -> None:
        self._clear_the_way()
        env = secrets_of(self.home) | addresses_of(self.home, self.host, self.address, self.fakes)
        env |= servers.provide(self.home, self.supervisor, given=os.environ, tick=self._tick)
        self.say("The database and the broker are up")
        self.home.say_how_it_runs(env)
        services = Services(logs=self.home.logs, env=os.environ | env)
        self._prepare(services)
        for name in self.fakes:
            self.supervisor.run(partial(services.manage, name, "--port", env[FAKES[name]].rpartition(":")[2]))
        for start in (services.web, services.worker, services.beat):
            self.supervisor.run(start)
        self._await_health()
        self.say("Everything is up")
        self._print(banner.text(self.address, self.home.path))

    def _clear_the_way(self) -> None:
        if count := leftovers.end_those_of(self.record):
            self.say(f"Ended {count} processes that a killed launcher had left")
        check(self.host, self.port)
        for log in self.home.logs.glob("*.log"):
            rotate(log)

    def _prepare(self, services: Services) -> None:
        static = self._begin(services.manage("collectstatic", "--no-input", "-v0"))
        self._finish(self._begin(services.manage("migrate", "--no-input", "-v0")))
        self.say("The tables are up to date")
        if self.has_demo and (news := demo.news(self.home.path, os.environ)):
            self._finish(self._begin(services.manage("setup_demo")))
            self.say(news)
        self._finish(static)

    def _begin(self, step: Child) -> Child:
        self.steps.append(step)
        return step

    def _finish(self, step: Child) -> None:
        while step.code is None:
            self._tick()
            time.sleep(0.05)
        if step.code:
            log = self.home.logs / f"{step.name}.log"
            raise CannotStart(f"manage.py {step.name} failed (code {step.code}), see {log}:\n{last_lines(log)}")

    def _await_health(self) -> None:
        complain_at = time.monotonic() + PATIENCE_SECONDS
        while (parts := health.ask(self.address)).get("status") != "ok":
            self._tick()
            time.sleep(0.1)
            if time.monotonic() > complain_at:
                self.say(f"Still waiting: {parts or 'the pages do not answer'}. The logs are in {self.home.logs}")
                complain_at += PATIENCE_SECONDS

    def _tick(self) -> None:
        if self.asked:
            raise Asked
        self.supervisor.look()

    def _end(self) -> None:
        """First who takes work in and who does it, then where they keep it."""
        processes.end(self.steps, patience=5)
        names = {service.child.name for service in self.supervisor.services} - SERVERS
        self.supervisor.end(names, patience=ENDING_SECONDS)
        self.supervisor.end(patience=ENDING_SECONDS)
        self.home.say_it_ended()
        self.record.unlink(missing_ok=True)
        self.say("Everything has ended")
