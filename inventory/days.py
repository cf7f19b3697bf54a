"""The ledger day by day: days that are over are kept as sums, those since then are read from the ledger itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from inventory.models import StockDay

ONE = timedelta(days=1)
LATE_COMMITS = timedelta(minutes=10)  # a row carries the time at which its transaction began


@dataclass(frozen=True)
class Day:
    """What one day changed; `on_hand` and `available` are what stood at its end."""

    day: date
    on_hand: int
    available: int
    shipped: int


ROLL = """
INSERT INTO inventory_stockday (sku_id, day, on_hand, promised, shipped)
SELECT sku_id, (at AT TIME ZONE 'UTC')::date, sum(on_hand), sum(allocated + reserved + damaged),
       coalesce(-sum(on_hand) FILTER (WHERE kind = 'shipped'), 0)
FROM inventory_stockmovement WHERE at >= %(first)s AND at < %(end)s GROUP BY 1, 2
ON CONFLICT (sku_id, day) DO NOTHING
"""


@transaction.atomic
def add_up(*, now: datetime | None = None) -> int:
    """Sums of all days that are over and have none; how many rows. Safe to run twice."""
    last = StockDay.objects.aggregate(last=Max("day"))["last"]
    first = _start_of(last + ONE) if last else datetime(1970, 1, 1, tzinfo=UTC)
    end = _start_of(((now or timezone.now()) - LATE_COMMITS).astimezone(UTC).date())
    if first >= end:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(ROLL, {"first": first, "end": end})
        return cursor.rowcount


def history(sku_id: int, on_hand: int, available: int, *, count: int = 90) -> list[Day]:
    """The last `count` days, walked back from what stands now. What is kept out of sale counts as it is today."""
    today = timezone.now().astimezone(UTC).date()
    changes = _changes(sku_id, today - ONE * (count - 1))
    found = []
    for day in (today - ONE * n for n in range(count)):
        moved, promised, shipped = changes.get(day, (0, 0, 0))
        found.append(Day(day, on_hand, available, shipped))
        on_hand, available = on_hand - moved, available - (moved - promised)
    return found[::-1]


def by_week(days: list[Day], *, weeks: int = 12) -> list[tuple[date, int]]:
    """(first day of seven, units shipped), the last week ends with the last day."""
    rows = [days[max(end - 7, 0) : end] for end in range(len(days), 0, -7)][:weeks]
    return [(row[0].day, sum(day.shipped for day in row)) for row in reversed(rows)]


CHANGES = """
SELECT day, on_hand, promised, shipped FROM inventory_stockday WHERE sku_id = %(sku)s AND day >= %(since)s
UNION ALL
SELECT (at AT TIME ZONE 'UTC')::date, sum(on_hand), sum(allocated + reserved + damaged),
       coalesce(-sum(on_hand) FILTER (WHERE kind = 'shipped'), 0)
FROM inventory_stockmovement
WHERE sku_id = %(sku)s
  AND at >= greatest(%(since)s::date, (SELECT max(day) + 1 FROM inventory_stockday))::timestamp AT TIME ZONE 'UTC'
GROUP BY 1
"""


def _changes(sku_id: int, since: date) -> Mapping[date, tuple[int, int, int]]:
    """day → (on hand, promised, shipped)."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, {"sku": sku_id, "since": since})
        return {day: (moved, promised, shipped) for day, moved, promised, shipped in cursor.fetchall()}


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
