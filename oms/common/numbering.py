"""Numbers that people read aloud. Fast ones from Postgres sequences may have gaps; gapless ones queue behind a row."""

from django.db import connection, transaction
from django.db.models import F

from oms.common.models import Sequence

PREFIXES = {
    "order": "",
    "shipment": "SH-",
    "return": "RMA-",
    "fulfillment": "FO-",
    "wave": "W-",
    "purchase": "PO-",
    "transfer": "TR-",
    "manifest": "MF-",
    "pick_list": "PL-",
    "count": "CC-",
}


def next_number(kind: str) -> str:
    """ "FO-1001". Never the same twice; a rolled-back transaction leaves a gap."""
    return next_numbers(kind, 1)[0]


def next_numbers(kind: str, count: int) -> list[str]:
    """Many in one query, for set-based work."""
    prefix = PREFIXES[kind]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [f"oms_number_{kind}", count])
        return [f"{prefix}{value}" for (value,) in cursor.fetchall()]


def next_gapless(series: str) -> str:
    """ "invoice-DE-2026-000042". The counter is locked until the caller's transaction ends: no gap."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A number without gaps belongs in the transaction of its document."
        )
    Sequence.objects.bulk_create([Sequence(name=series)], ignore_conflicts=True)
    Sequence.objects.filter(name=series).update(value=F("value") + 1)
    return f"{series}-{Sequence.objects.get(name=series).value:06d}"
