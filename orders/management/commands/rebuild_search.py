"""`manage.py rebuild_search`: which orders are found by other words than theirs; with --write they are put right."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders import rebuilding


class Command(BaseCommand):
    help = (
        "Compares what orders are found by with what they say now; --write repairs it. Fails when differences are left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write the words of orders that differ")

    def handle(self, *args: Any, write: bool, **options: Any) -> None:
        wrong = 0
        for number in rebuilding.differing(write=write):
            wrong += 1
            self.stdout.write(f"{number} is found by other words than its own")
        if wrong and not write:
            raise CommandError(f"{wrong:,} differ. --write puts them right.")
        self.stdout.write(f"{wrong:,} put right." if wrong else "Every order is found by its own words.")
