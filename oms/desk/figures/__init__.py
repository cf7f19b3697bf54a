"""The figures of the house, read only: how long each stage takes, what was on time, what waits, what comes back.

Every figure is one query, however many channels, places and days it is told by.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from fulfillment.models import FulfillmentOrderLine
from oms.desk.figures.revenue import revenue as revenue
from oms.desk.figures.scope import (
    CHANNEL,
    DAY,
    LOCATION,
    Percentile,
    Rows,
    Scope,
    Seconds,
    every_day,
    grouped,
    hours,
    percent,
    promises,
    spread,
    with_floor,
)
from orders.models import OrderLine
from orders.statuses import OPEN_STATES, FulfillmentState
from returns.models import ReturnLine
from returns.statuses import Reason, ReturnOrderState

GONE = (FulfillmentState.SHIPPED, FulfillmentState.PARTIALLY_DELIVERED, FulfillmentState.DELIVERED)
STAGES = (  # what is done between which two moments
    ("Confirm", "received_at", "confirmed_at"),
    ("Release", "confirmed_at", "released_at"),
    ("Pick", "released_at", "picked_at"),
    ("Pack", "picked_at", "packed_at"),
    ("Ship", "packed_at", "shipped_at"),
    ("Deliver", "shipped_at", "delivered_at"),
    ("In all", "received_at", "delivered_at"),
)
AGES = (("Under a day", 0, 1), ("1 to 2 days", 1, 3), ("3 to 6 days", 3, 7), ("A week and more", 7, 36500))
NOT_RETURNED = (ReturnOrderState.DECLINED, ReturnOrderState.CANCELLED, ReturnOrderState.EXPIRED)


def lead_times(scope: Scope) -> Rows:
    """(stage, orders, median hours, hours that nine of ten stay below)."""
    wanted: dict[str, Any] = {}
    for n, (_, since, until) in enumerate(STAGES):
        wanted |= spread(Seconds(F(until) - F(since)), f"_{n}")
    told = with_floor(scope).aggregate(**wanted)
    return [
        (word, told[f"n_{n}"], hours(told[f"half_{n}"]), hours(told[f"most_{n}"]))
        for n, (word, *_) in enumerate(STAGES)
    ]


def to_ship(scope: Scope, by: str) -> Rows:
    """(group, orders, median hours from received to shipped, hours that nine of ten stay below)."""
    rows, at = grouped(scope, by)
    took = Seconds(F(f"{at}shipped_at") - F(f"{at}received_at"))
    return [(row["group"], row["n"], hours(row["half"]), hours(row["most"])) for row in rows.annotate(**spread(took))]


def on_time(scope: Scope, by: str) -> Rows:
    """(group, promises due or kept by now, kept, per cent)."""
    rows, at = grouped(scope, by)
    kept, due = promises(at)
    told = rows.annotate(kept=Count("pk", filter=kept), due=Count("pk", filter=due))
    found = [(row["group"], row["due"], row["kept"], percent(row["kept"], row["due"])) for row in told]
    return every_day(scope, found, (0, 0, None)) if by == DAY else found


def backlog(scope: Scope, by: str = "") -> Rows:
    """Orders that have not left, as it stands now, whenever placed: (age, orders), or (group, orders of each age…)."""
    now = timezone.now()
    rows, at = grouped(scope, by, any_time=True)
    rows = rows.filter(**{f"{at}state__in": OPEN_STATES}).exclude(**{f"{at}fulfillment_state__in": GONE})
    ages = {
        f"age_{n}": Count(
            "pk",
            filter=Q(
                **{f"{at}placed_at__lte": now - timedelta(low), f"{at}placed_at__gt": now - timedelta(high)},
            ),
        )
        for n, (_, low, high) in enumerate(AGES)
    }
    if by:
        return [(row["group"], *(row[name] for name in ages)) for row in rows.annotate(**ages)]
    told = next(iter(rows.annotate(**ages)), dict.fromkeys(ages, 0))
    return [(word, told[f"age_{n}"]) for n, (word, *_) in enumerate(AGES)]


def returned(scope: Scope, by: str) -> Rows:
    """(group, units shipped, units asked to come back, per cent). A line counts for the place that sent most of it."""
    sent = FulfillmentOrderLine.objects.filter(order_line=OuterRef("pk"), shipped__gt=0).order_by("-shipped", "pk")
    sent = sent.filter(fulfillment_order__in=scope.works())
    groups = {CHANNEL: F("order__channel__name"), DAY: TruncDate("order__placed_at")}
    groups[LOCATION] = Subquery(sent.values("fulfillment_order__location__name")[:1])
    rows = OrderLine.objects.filter(order__in=scope.orders(), shipped__gt=0).annotate(group=groups[by], back=_back())
    rows = rows.values("group").annotate(units=Sum("shipped"), gone_back=Sum("back")).order_by("group")
    found = [
        (row["group"], row["units"], row["gone_back"], percent(row["gone_back"], row["units"]))
        for row in rows
        if row["group"] is not None
    ]
    return every_day(scope, found, (0, 0, None)) if by == DAY else found


def reasons(scope: Scope) -> Rows:
    """(reason, units that come back, per cent of them)."""
    rows = ReturnLine.objects.filter(rma__order__in=scope.orders()).exclude(rma__state__in=NOT_RETURNED)
    found = list(rows.values("reason").annotate(units=Sum("authorised")).order_by("-units", "reason"))
    whole = sum(row["units"] for row in found)
    return [(str(Reason(row["reason"]).label), row["units"], percent(row["units"], whole)) for row in found]


def trade(scope: Scope, by: str) -> Rows:
    """(group, orders, units ordered)."""
    rows, at = grouped(scope, by)
    units = OrderLine.objects.filter(order=OuterRef(f"{at}pk")).values("order").annotate(n=Sum("ordered")).values("n")
    told = rows.annotate(n=Count("pk"), units=Coalesce(Sum(Subquery(units)), 0))
    found = [(row["group"], row["n"], row["units"]) for row in told]
    return every_day(scope, found, (0, 0)) if by == DAY else found


def summary(scope: Scope) -> dict[str, tuple[Any, Any]]:
    """Of the period and of the one before: orders, median hours to ship, per cent on time."""
    period = Case(When(scope.period(), then=Value(0)), default=Value(1), output_field=IntegerField())
    kept, due = promises("")
    rows = scope.with_before.orders().annotate(group=period).values("group")
    rows = rows.annotate(
        orders=Count("pk"),
        half=Percentile(Seconds(F("shipped_at") - F("received_at")), part=0.5),
        kept=Count("pk", filter=kept),
        due=Count("pk", filter=due),
    )
    told = {row["group"]: row for row in rows}
    now, then = (told.get(n, {"orders": 0, "half": None, "kept": 0, "due": 0}) for n in (0, 1))
    return {
        "orders": (now["orders"], then["orders"]),
        "to_ship": (hours(now["half"]), hours(then["half"])),
        "on_time": (percent(now["kept"], now["due"]), percent(then["kept"], then["due"])),
    }


def _back() -> Coalesce:
    asked = ReturnLine.objects.filter(order_line=OuterRef("pk")).exclude(rma__state__in=NOT_RETURNED)
    asked = asked.order_by().values("order_line").annotate(n=Sum("authorised")).values("n")
    return Coalesce(Subquery(asked), 0)
