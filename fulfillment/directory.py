"""Every place as routing sees it at this moment, apart from an order's stock and destination."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as Clock
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Sum

from carriers import price_lists
from fulfillment.models import FulfillmentOrderLine
from fulfillment.routing.facts import Place
from fulfillment.statuses import LIVE_STATES
from inventory.models import Location
from oms.common import sql
from oms.common.postal import PostalAddress
from oms.common.recent import recent

LOADS_FOR = 10.0  # seconds that the count of waiting lines is believed; it only breaks ties
PLACES_FOR = 1.0  # seconds; work is never opened at a place that was switched off meanwhile


@dataclass(frozen=True, slots=True)
class Entry:
    location_id: int
    code: str
    name: str
    active: bool
    ships: bool
    collects: bool
    priority: int
    has_bins: bool
    address: PostalAddress
    leaves_at: datetime  # its next cut-off
    capacity_left: int | None  # units it can still take today
    load: int  # lines waiting there
    prices_as_of: str  # which price lists are in force
    seen: dict[tuple, Place] = field(default_factory=dict, compare=False, repr=False)  # by what a destination decides


ADDRESS = ", ".join(f"a.{name}" for name in PostalAddress.__dataclass_fields__)
PLACES = sql.Statement(f"""
SELECT l.id, l.code, l.name, l.active, l.ships, l.collects, l.priority, l.cut_off, l.time_zone, l.capacity,
       EXISTS (SELECT 1 FROM inventory_bin b WHERE b.location_id = l.id AND b.kind = 'shelf'),
       {price_lists.VERSION}, {ADDRESS}
FROM inventory_location l JOIN common_address a ON a.id = l.address_id ORDER BY l.priority DESC, l.id
""")  # noqa: S608  names of columns, from a dataclass of ours


@dataclass
class _Last:
    """Made from these answers, and good until the next cut-off. Where capacity is counted nothing is kept."""

    rows: list[tuple]
    waiting: Mapping[int, int]
    entries: list[Entry]

    def serves(self, rows: list[tuple], waiting: Mapping[int, int], now: datetime) -> bool:
        same = self.rows is rows and self.waiting is waiting
        return same and all(one.capacity_left is None and now < one.leaves_at for one in self.entries)


_last = _Last([], {}, [])


def read(now: datetime) -> list[Entry]:
    """All places, the preferred first."""
    global _last
    rows, waiting = _places(), loads()
    if not _last.serves(rows, waiting, now):
        _last = _Last(rows, waiting, [_entry(row, now, waiting) for row in rows])
    return _last.entries


def names() -> dict[int, tuple[str, str]]:
    """location → (code, name), as they are called today."""
    return {pk: (code, name) for pk, code, name in Location.objects.values_list("pk", "code", "name")}


@recent(PLACES_FOR)
def _places() -> list[tuple]:
    return PLACES.rows()


def leaves_at(cut_off: Clock, zone: ZoneInfo, now: datetime) -> datetime:
    """The next cut-off on the place's clock, on a working day."""
    local = now.astimezone(zone)
    day = local.date() if local.time() <= cut_off else local.date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, cut_off, tzinfo=zone)


def _entry(row: tuple, now: datetime, waiting: Mapping[int, int]) -> Entry:
    location_id, cut_off, zone, capacity = row[0], row[7], ZoneInfo(row[8]), row[9]
    return Entry(
        *row[:7],
        has_bins=row[10],
        prices_as_of=row[11],
        address=PostalAddress(*row[12:]),
        leaves_at=leaves_at(cut_off, zone, now),
        capacity_left=None if capacity is None else capacity - _taken_today(location_id, now.astimezone(zone)),
        load=waiting.get(location_id, 0),
    )


def _taken_today(location_id: int, now: datetime) -> int:
    """Units of work that came since midnight on the place's clock."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    taken = FulfillmentOrderLine.objects.filter(
        fulfillment_order__location=location_id, fulfillment_order__created_at__gte=midnight
    ).aggregate(units=Sum("quantity"))["units"]
    return taken or 0


@recent(LOADS_FOR)
def loads() -> dict[int, int]:
    """location → lines that wait to be packed there."""
    waiting = FulfillmentOrderLine.objects.filter(
        fulfillment_order__state__in=LIVE_STATES, quantity__gt=F("packed"), fulfillment_order__location__isnull=False
    )
    return dict(waiting.values_list("fulfillment_order__location").annotate(lines=Count("pk")))
