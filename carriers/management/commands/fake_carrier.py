"""`manage.py fake_carrier --port 8700`: a carrier on this machine that sells labels and carries parcels, on paper."""

import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from carriers.providers.fake.server import FakeCarrier
from carriers.providers.fake.server.serving import DEFAULT_KEY


class Command(BaseCommand):
    help = "Serve the fake carrier on loopback until stopped. Its books survive a restart."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--books", help="SQLite file; fake_carrier.sqlite3 in OMS_HOME when not given")
        parser.add_argument("--key", default=DEFAULT_KEY, help="the key that accounts sign in with")

    def handle(self, *, port: int, books: str | None, key: str, **_: Any) -> None:
        path = Path(books or settings.OMS_HOME / "fake_carrier.sqlite3")
        path.parent.mkdir(parents=True, exist_ok=True)
        carrier = FakeCarrier(port, path, key)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        self.stdout.write(f"Fake carrier at {carrier.url}, books in {path}, key {key}")
        try:
            carrier.serve_forever()
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            carrier.close()
