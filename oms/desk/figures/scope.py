"""Which orders a figure is about, and how they are put into groups: by channel, by location, by day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, Exists, F, FloatField, Func, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import TruncDate
from django.utils import timezone

from fulfillment.models import FulfillmentOrder
from fulfillment.statuses import FulfillmentOrderState
from inventory.models import Location
from orders.models import Channel, Order
from orders.statuses import OrderState

Rows = list[tuple]
CHANNEL, LOCATION, DAY = "channel", "location", "day"


class Percentile(Aggregate):
    """`Percentile(expression, part=0.5)` is the median; what is not known does not count."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(part)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class Seconds(Func):
    template = "EXTRACT(EPOCH FROM (%(expressions)s))"
    output_field = FloatField()


@dataclass(frozen=True)
class Scope:
    """Orders placed from `start` to `end`, both days included; of one channel, of one location, or of all.

    `within` are the locations that the asking person may see; None is all of them.
    """

    start: date
    end: date
    channel: Channel | None = None
    location: Location | None = None
    within: QuerySet | tuple[int, ...] | None = None

    @property
    def before(self) -> "Scope":
        """As many days just before."""
        days = self.end - self.start + timedelta(1)
        return Scope(self.start - days, self.start - timedelta(1), self.channel, self.location, self.within)

    @property
    def with_before(self) -> "Scope":
        return Scope(self.before.start, self.end, self.channel, self.location, self.within)

    @property
    def days(self) -> list[date]:
        return [self.start + timedelta(n) for n in range((self.end - self.start).days + 1)]

    def orders(self, *, any_time: bool = False) -> QuerySet:
        rows = Order.objects.exclude(state=OrderState.DRAFT)
        if not any_time:
            rows = rows.filter(self.period())
        if self.channel:
            rows = rows.filter(channel=self.channel)
        return rows.filter(Exists(self.works(order=OuterRef("pk")))) if self._somewhere else rows

    def works(self, **facts: Any) -> QuerySet:
        """Work of these places that was not given away again, once an order and place."""
        rows = FulfillmentOrder.objects.exclude(state=FulfillmentOrderState.CANCELLED).filter(**facts)
        if self.location:
            rows = rows.filter(location=self.location)
        return rows if self.within is None else rows.filter(location__in=self.within)

    def period(self, at: str = "placed_at") -> Q:
        return Q(**{f"{at}__gte": morning(self.start), f"{at}__lt": morning(self.end + timedelta(1))})

    @property
    def _somewhere(self) -> bool:
        return self.location is not None or self.within is not None


def grouped(scope: Scope, by: str, *, any_time: bool = False) -> tuple[QuerySet, str]:
    """Rows by group, and how an order is reached from one. By location an order counts once for each that worked."""
    orders = scope.orders(any_time=any_time)
    if by != LOCATION:
        key = {CHANNEL: F("channel__name"), DAY: TruncDate("placed_at")}.get(by, Value(""))
        return orders.annotate(group=key).values("group").order_by("group"), ""
    earlier = scope.works(order=OuterRef("order"), location=OuterRef("location"), pk__lt=OuterRef("pk"))
    rows = scope.works(order__in=orders, location__isnull=False).filter(~Exists(earlier))
    return rows.annotate(group=F("location__name")).values("group").order_by("group"), "order__"


def with_floor(scope: Scope) -> QuerySet:
    """Orders with the first moment that one of these places released, picked and packed each."""
    works = scope.works(order=OuterRef("pk"))
    first = {
        name: Subquery(works.order_by().values("order").annotate(first=Min(name)).values("first"))
        for name in ("released_at", "picked_at", "packed_at")
    }
    return scope.orders().annotate(**first)


def spread(took: Any, suffix: str = "") -> dict[str, Any]:
    return {
        f"n{suffix}": Count(took),
        f"half{suffix}": Percentile(took, part=0.5),
        f"most{suffix}": Percentile(took, part=0.9),
    }


def promises(at: str) -> tuple[Q, Q]:
    """(kept, due or kept by now). What was cancelled was promised to nobody."""
    promised = Q(**{f"{at}promised_ship_by__isnull": False}) & ~Q(**{f"{at}state": OrderState.CANCELLED})
    kept = promised & Q(**{f"{at}shipped_at__lte": F(f"{at}promised_ship_by")})
    late = Q(**{f"{at}shipped_at__gt": F(f"{at}promised_ship_by")})
    late |= Q(**{f"{at}shipped_at": None, f"{at}promised_ship_by__lt": timezone.now()})
    return kept, kept | (promised & late)


def every_day(scope: Scope, rows: Rows, nothing: tuple) -> Rows:
    known = {row[0]: row for row in rows}
    return [known.get(day, (day, *nothing)) for day in scope.days]


def hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 3)


def percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
