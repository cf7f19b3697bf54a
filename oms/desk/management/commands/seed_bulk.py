"""`manage.py seed_bulk --orders 1000000`: a shop with years behind it, to see how the product carries it."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from oms.desk.bulk import seeding
from orders.models import Order


class Command(BaseCommand):
    help = "Fill the database with any number of coherent orders, most of them history. Not for a shop that trades."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=1_000_000)
        parser.add_argument("--skus", type=int, default=20_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, default=2, help="connections that write at once")
        parser.add_argument("--add", action="store_true", help="also where there are orders already")

    def handle(self, *, orders: int, skus: int, seed: int, workers: int, add: bool, **options: Any) -> None:
        for name, given, most in (("orders", orders, 20_000_000), ("skus", skus, 1_000_000), ("workers", workers, 16)):
            if not 1 <= given <= most:
                raise CommandError(f"--{name} is a number from 1 to {most:,}.")
        if not 0 <= seed <= 1_000_000:
            raise CommandError("--seed is a number from 0 to 1,000,000.")
        if not add and Order.objects.exists():
            raise CommandError("There are orders already. Use an empty database, or say --add.")
        began = time.monotonic()
        self.quiet = options["verbosity"] == 0
        seeding.seed(orders, skus, seed, workers=workers, tell=self._tell)
        self._tell(
            f"{orders:,} orders in {time.monotonic() - began:.0f} s. `manage.py check_invariants` says the rest."
        )

    def _tell(self, text: str) -> None:
        if self.quiet:
            return
        self.stdout.write(text)
        self.stdout.flush()
