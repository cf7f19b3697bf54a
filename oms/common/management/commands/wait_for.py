"""`manage.py wait_for`: until the database answers (and is migrated). For containers that start side by side."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Wait until the database answers; with --migrated also until every migration of this code is applied."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--migrated", action="store_true")
        parser.add_argument("--seconds", type=float, default=120)

    def handle(self, *, migrated: bool, seconds: float, **options: Any) -> None:
        deadline = time.monotonic() + seconds
        while (obstacle := _obstacle(migrated)) is not None:
            if time.monotonic() > deadline:
                raise CommandError(f"Gave up after {seconds:.0f} s: {obstacle}")
            time.sleep(1)


def _obstacle(migrated: bool) -> str | None:
    """What stands in the way, or None when nothing does."""
    try:
        connection.ensure_connection()
        if not migrated:
            return None
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return f"{len(waiting)} migrations are not applied yet" if waiting else None
    except DatabaseError as e:
        return str(e)
    finally:
        connection.close()
