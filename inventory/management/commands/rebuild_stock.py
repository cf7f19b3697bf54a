"""Derive every stock counter and bin from the ledger; with --write set right what differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory import rebuilding


class Command(BaseCommand):
    help = (
        "Compares every stock counter and bin with the ledger; --write repairs them. Fails when differences are left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="set counters and bins to what the ledger says")

    def handle(self, *args: Any, write: bool, **options: Any) -> None:
        job = rebuilding.check(write=write)
        for row in job.result["rows"]:
            place = f"{row['sku']:<24} {row['location']:<12} {row['what']:<16}"
            self.stdout.write(f"{place} counter {row['counter']:>8}  ledger {row['ledger']:>8}")
        for sentence in job.result["refused"]:
            self.stderr.write(sentence)
        if job.result["left"]:
            raise CommandError(job.message)
        self.stdout.write(f"{job.message}.")
