"""The figures of the house, read only: how long each stage takes, what was on time, what waits, what comes back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Aggregate, Count, Exists, F, FloatField, Func, Min, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from fulfillment.models import FulfillmentOrder
from inventory.models import Location
from orders.models import Channel, Order, OrderLine
from orders.statuses import FulfillmentState, OrderState
from returns.models import ReturnLine
from returns.statuses import Reason, ReturnOrderState

Pairs = list[tuple[str, Any]]
GONE = (FulfillmentState.SHIPPED, FulfillmentState.PARTIALLY_DELIVERED, FulfillmentState.DELIVERED)
STAGES = (
    ("Received to confirmed", "received_at", "confirmed_at"),
    ("Confirmed to released", "confirmed_at", "released_at"),
    ("Released to shipped", "released_at", "shipped_at"),
    ("Shipped to delivered", "shipped_at", "delivered_at"),
)
AGES = (("Under a day", 0, 1), ("1 to 2 days", 1, 3), ("3 to 6 days", 3, 7), ("A week and more", 7, 36500))
NOT_RETURNED = (ReturnOrderState.DECLINED, ReturnOrderState.CANCELLED, ReturnOrderState.EXPIRED)


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class Seconds(Func):
    template = "EXTRACT(EPOCH FROM (%(expressions)s))"
    output_field = FloatField()


@dataclass(frozen=True)
class Scope:
    """Orders placed from `start` to `end`, both days included; of one channel, of one location, or of all."""

    start: date
    end: date
    channel: Channel | None = None
    location: Location | None = None

    def orders(self, *, any_time: bool = False) -> QuerySet:
        rows = Order.objects.exclude(state=OrderState.DRAFT)
        if not any_time:
            rows = rows.filter(placed_at__gte=_morning(self.start), placed_at__lt=_morning(self.end + timedelta(1)))
        if self.channel:
            rows = rows.filter(channel=self.channel)
        if self.location:
            mine = FulfillmentOrder.objects.filter(order=OuterRef("pk"), location=self.location)
            rows = rows.filter(Exists(mine))
        return rows


def lead_times(scope: Scope) -> Pairs:
    """Median hours of each stage."""
    rows = scope.orders().annotate(released_at=Min("fulfillment_orders__released_at"))
    return [(word, _hours(rows, since, until)) for word, since, until in STAGES]


def to_ship(scope: Scope) -> float | None:
    """Median hours from received to shipped."""
    return _hours(scope.orders(), "received_at", "shipped_at")


def on_time(scope: Scope) -> float | None:
    """Per cent of the promises due or kept by now that were kept."""
    late = Q(shipped_at__gt=F("promised_ship_by")) | Q(shipped_at=None, promised_ship_by__lt=timezone.now())
    rows = scope.orders().exclude(state=OrderState.CANCELLED).filter(promised_ship_by__isnull=False)
    told = rows.aggregate(
        kept=Count("pk", filter=Q(shipped_at__lte=F("promised_ship_by"))), broken=Count("pk", filter=late)
    )
    return _percent(told["kept"], told["kept"] + told["broken"])


def backlog(scope: Scope) -> Pairs:
    """Orders that have not left, by age, as it stands now; whenever they were placed."""
    now = timezone.now()
    rows = scope.orders(any_time=True).open().exclude(fulfillment_state__in=GONE)
    return [
        (word, rows.filter(placed_at__lte=now - timedelta(low), placed_at__gt=now - timedelta(high)).count())
        for word, low, high in AGES
    ]


def return_rate(scope: Scope) -> float | None:
    """Per cent of the shipped units that were asked to come back."""
    shipped = OrderLine.objects.filter(order__in=scope.orders()).aggregate(n=Sum("shipped"))["n"] or 0
    back = _returned(scope).aggregate(n=Sum("authorised"))["n"] or 0
    return _percent(back, shipped)


def reasons(scope: Scope) -> Pairs:
    """Units that come back, by why."""
    found = _returned(scope).values("reason").annotate(units=Sum("authorised")).order_by("-units", "reason")
    return [(str(Reason(row["reason"]).label), row["units"]) for row in found]


def by_channel(figure: Callable[[Scope], Any], scope: Scope) -> Pairs:
    rows = [scope.channel] if scope.channel else Channel.objects.order_by("name", "pk")
    return [(row.name, figure(replace(scope, channel=row))) for row in rows]


def by_location(figure: Callable[[Scope], Any], scope: Scope) -> Pairs:
    rows = [scope.location] if scope.location else Location.objects.order_by("name", "pk")
    return [(row.name, figure(replace(scope, location=row))) for row in rows]


def _returned(scope: Scope) -> QuerySet:
    return ReturnLine.objects.filter(rma__order__in=scope.orders()).exclude(rma__state__in=NOT_RETURNED)


def _hours(rows: QuerySet, since: str, until: str) -> float | None:
    timed = rows.filter(**{f"{since}__isnull": False, f"{until}__isnull": False})
    seconds = timed.annotate(took=Seconds(F(until) - F(since))).aggregate(median=Median("took"))["median"]
    return None if seconds is None else round(seconds / 3600, 1)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
