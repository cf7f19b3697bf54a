"""One copy of the product as a person starts it: `manage.py up` in a folder, on a port, with nothing of the tests."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from oms.stack.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180
OPEN = "Ctrl-C ends it"


class Copy:
    def __init__(self, home: Path, *, token: str = "", python: str = sys.executable, env=(), **popen) -> None:
        self.home, self.token, self.port = home, token, free_port()
        self.said = ""
        path = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"OMS_HOME": str(home), "PORT": str(self.port), "OMS_DEMO_TOKEN": token}
        self._python, self._env = python, path | own | dict(env)
        self.popen = subprocess.Popen(
            [self._python, "manage.py", "up", "--end-with-parent"],
            cwd=ROOT,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **popen,
        )

    def until_said(self, words: str) -> "Copy":
        """Reads on until these words, or fails with all that was said before it ended."""
        seen = len(self.said)
        with self._patience():
            while words not in self.said[seen:]:
                line = self.popen.stdout.readline()
                assert line, f"ended without “{words}”:\n{self.said}"
                self.said += line
        return self

    def manage(self, *words: str) -> subprocess.CompletedProcess:
        """A command beside it, as from another terminal."""
        return subprocess.run(
            [self._python, "manage.py", *words],
            cwd=ROOT,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )

    def until_ended(self) -> int:
        """Its exit code; all that it said is in `said`."""
        with self._patience():
            self.said += self.popen.stdout.read()
            return self.popen.wait()

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """A launcher that hangs is killed, and whoever reads it fails."""
        timer = threading.Timer(PATIENCE, self.popen.kill)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def is_open(self) -> bool:
        return self.popen.poll() is None

    def ask(self, method: str, path: str, body: Mapping | None = None, *, token: str = "") -> tuple[int, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.token}"}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def processes(self) -> list[psutil.Process]:
        """All that it started, each with what those started."""
        return psutil.Process(self.popen.pid).children(recursive=True)

    def named(self, *words: str) -> list[psutil.Process]:
        """Its own children whose command has all these words."""
        children = psutil.Process(self.popen.pid).children()
        return [child for child in children if set(words) <= set(command_of(child))]


def command_of(process: psutil.Process) -> list[str]:
    try:
        return [part for word in process.cmdline() for part in (word, Path(word).name)]
    except psutil.Error:
        return []


def survivors(processes: list[psutil.Process], home: Path) -> list[str]:
    """Who is still there once all had time to end: of these, and of all on this machine that were told this folder."""
    _, late = psutil.wait_procs([process for process in processes if _works(process)], timeout=30)
    return [str(process) for process in {*late, *psutil.process_iter()} if _works(process) and _of(process, late, home)]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def _works(process: psutil.Process) -> bool:
    """A process that has ended may stay in the table until somebody asks for its code."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _of(process: psutil.Process, known: list[psutil.Process], home: Path) -> bool:
    try:
        return process in known or process.environ().get("OMS_HOME") == str(home)
    except psutil.Error:
        return False
