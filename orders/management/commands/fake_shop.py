"""`manage.py fake_shop --port 8800`: a shop on this machine that sends us its orders and is told back."""

import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oms.common.actors import SYSTEM
from orders import setup
from orders.channels.fake import FakeShop
from orders.models import Channel


class Command(BaseCommand):
    help = "Serve the fake shop on loopback until stopped. Its books survive a restart."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--books", help="SQLite file; fake_shop.sqlite3 in OMS_HOME when not given")
        parser.add_argument("--channel", help="code of the generic channel to send to; it is told our address, too")

    def handle(self, *, port: int, books: str | None, channel: str | None, **_: Any) -> None:
        path = Path(books or settings.OMS_HOME / "fake_shop.sqlite3")
        path.parent.mkdir(parents=True, exist_ok=True)
        shop = FakeShop(port, path)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        if code := channel or self._known(shop):
            self._connect(shop, code)
        self.stdout.write(f"Fake shop at {shop.url}, books in {path}")
        try:
            shop.serve_forever()
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            shop.close()

    def _known(self, shop: FakeShop) -> str:
        """The channel that tells us already, so that a restart needs no word."""
        found = Channel.objects.filter(kind="generic", active=True, config__callback_url=shop.callback_url).first()
        return found.code if found else ""

    def _connect(self, shop: FakeShop, code: str) -> None:
        channel = Channel.objects.filter(code=code, kind="generic", active=True).first()
        if channel is None:
            raise CommandError(f"There is no active generic channel “{code}”.")
        status, told = shop.connect(
            f"{settings.BASE_URL}/webhooks/{channel.token}/", channel.credentials.get("secret", "")
        )
        if status != 200:
            self.stderr.write(f"It can't send to {settings.BASE_URL}: {told['error']}")
        if channel.config.get("callback_url") != shop.callback_url:
            setup.save_channel(channel, config={"callback_url": shop.callback_url}, by=SYSTEM)
