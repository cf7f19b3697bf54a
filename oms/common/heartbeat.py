"""Who is alive, by the clock of the database: workers say so every few seconds, one beat at a time holds the tick."""

from django.db import connection

from oms.common.models import Heartbeat

FRESH_SECONDS = 20


def hold(name: str, holder: str) -> bool:
    """Renew the row, or take it over from a holder that went silent. False while somebody else is alive in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into common_heartbeat as h (name, holder, seen_at) values (%s, %s, now())
               on conflict (name) do update set holder = excluded.holder, seen_at = excluded.seen_at
               where h.holder = excluded.holder or h.seen_at < now() - make_interval(secs => %s)
               returning 1""",
            [name, holder, FRESH_SECONDS],
        )
        return cursor.fetchone() is not None


def drop(name: str, holder: str) -> None:
    Heartbeat.objects.filter(name=name, holder=holder).delete()


def fresh() -> set[str]:
    """The kinds of process seen lately: {"worker", "beat"} when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select distinct split_part(name, ':', 1) from common_heartbeat
               where seen_at >= now() - make_interval(secs => %s)""",
            [FRESH_SECONDS],
        )
        return {kind for (kind,) in cursor.fetchall()}
