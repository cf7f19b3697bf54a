"""`manage.py alive beat`: exit 0 when such a process was seen lately, 1 when not. For health checks of containers."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from oms.common import heartbeat


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["worker", "beat"])

    def handle(self, *, kind: str, **_: Any) -> None:
        try:
            seen = kind in heartbeat.fresh()
        except DatabaseError as e:
            self.stderr.write(str(e))
            seen = False
        if not seen:
            sys.exit(1)
