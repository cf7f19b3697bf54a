"""`manage.py simulate --orders 200 --seed 7`: a day of trade against the running product, and its figures."""

import json
import logging
import string
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.crypto import get_random_string

from oms.common import invariants
from oms.desk.simulation import day, plans, report
from oms.desk.simulation.pages import Unexpected
from oms.desk.simulation.world import Doors, World

WIDTH = 30


class Command(BaseCommand):
    help = "Live a day of trade through the running product's own doors; ends with the invariants. Demo worlds only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=200)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--url", default=settings.BASE_URL, help="the product; that of OMS_HOME when not given")
        parser.add_argument("--token", help="an API token; the demo world's when not given")
        parser.add_argument("--password", help="of the demo accounts; the demo world's when not given")
        parser.add_argument("--out", type=Path, help="a file for every order's end state, as JSON")

    def handle(self, *, orders: int, seed: int, out: Path | None, **options: Any) -> None:
        if not 1 <= orders <= 5000:
            raise CommandError("--orders is a number from 1 to 5000.")
        logging.getLogger("oms.common.http").setLevel(logging.WARNING)
        world = World(self._doors(**options), tag=_tag(seed))
        drawn = plans.draw(orders, seed, rounds=day.rounds_of(orders))
        began = time.monotonic()
        try:
            day.live(world, drawn, lambda what, done: self._say(what, done, orders))
            self._say("Closing", orders, orders)
            seen = report.orders_of(world, drawn)
            report.agree(world, seen)
        except Unexpected as e:
            raise CommandError(f"\n{e}") from None
        finally:
            world.close()
        self._close(seen, time.monotonic() - began)
        if out:
            out.write_text(json.dumps(report.end_states(seen), indent=1))

    def _doors(self, *, url: str, token: str | None, password: str | None, **_: Any) -> Doors:
        told = _demo()
        token, password = token or told.get("token"), password or told.get("password")
        if not (token and password and settings.FAKE_SHOP_URL and settings.FAKE_CARRIER_URL):
            raise CommandError(
                "No running demo world is known here. Start one with `make run`, and give the same OMS_HOME to both."
            )
        return Doors(url.rstrip("/"), settings.FAKE_SHOP_URL, settings.FAKE_CARRIER_URL, token, password)

    def _say(self, what: str, done: int, of: int) -> None:
        bar = "█" * (WIDTH * done // of) + "░" * (WIDTH - WIDTH * done // of)
        end = "\r" if self.stdout.isatty() else "\n"
        self.stdout.write(f"{bar} {done:>5}/{of} {what:<28}", ending=end)
        self.stdout.flush()

    def _close(self, orders: report.Orders, seconds: float) -> None:
        self.stdout.write(f"\n\n{len(orders)} orders in {seconds:.0f} s\n")
        for line in [*report.table(orders), "", *report.medians(orders), ""]:
            self.stdout.write(line)
        self.stdout.write("The shop's and the carrier's books agree with ours.")
        broken = [verdict for verdict in invariants.check() if verdict.count]
        for verdict in broken:
            self.stdout.write(f"{verdict.rule.code} {verdict.count}: {verdict.rule.text} {verdict.samples}")
        self.stdout.write("Every invariant holds." if not broken else f"{len(broken)} rules are broken.")
        if broken:
            sys.exit(1)


def _tag(seed: int) -> str:
    """Of this run alone: the same seed lives through the same day under other numbers."""
    return f"S{seed}{get_random_string(6, string.ascii_uppercase + string.digits)}"


def _demo() -> dict[str, Any]:
    try:
        return json.loads((Path(settings.OMS_HOME) / "demo.json").read_text())
    except OSError:
        return {}
