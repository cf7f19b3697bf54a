"""Walls in the database for migrations: tables whose rows never change, and room for those that change often."""

from django.db import migrations


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE and DELETE. `SET LOCAL oms.redact = 'on'` opens the wall for a retention job, and for nothing else.

    The migration depends on ("common", "0002_guards").
    """
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION oms_append_only()",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )


def room_for_updates(table: str, percent: int) -> migrations.RunSQL:
    """Leave so much of each page free, so that a row whose counters move stays on its page and no index hears of it."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} SET (fillfactor = {100 - percent})", f"ALTER TABLE {table} RESET (fillfactor)"
    )
