"""One line a rule with the number of its breaches; ends with 1 when there is any."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from oms.common import invariants


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("codes", nargs="*", help="only these rules, such as I1 I4")

    def handle(self, *args: Any, **options: Any) -> None:
        breached = 0
        for verdict in invariants.check():
            if options["codes"] and verdict.rule.code not in options["codes"]:
                continue
            self.stdout.write(f"{verdict.rule.code:<4} {verdict.count:>6}  {verdict.rule.text}")
            for sample in verdict.samples:
                self.stdout.write(f"{'':13}{sample}")
            breached += bool(verdict.count)
        self.stdout.write("All hold." if not breached else f"{breached} rules are broken.")
        if breached:
            sys.exit(1)
