"""T17: two beats run, and two workers do what both would have asked for: each act happens once a period."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import current_app
from celery.schedules import crontab
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.db.models.functions import Now
from django.test.utils import override_settings

from fulfillment.models import FulfillmentOrder
from inventory.models import PurchaseOrder, Reservation, StockDay, StockMovement
from oms.common.models import ExceptionCase, Heartbeat, OutboxMessage
from oms.liveness import SoleScheduler
from orders.models import CustomerMail, Document, Hold, OrderEvent
from returns.models import Refund, Return
from tests.factories.world import filled
from tests.fulfillment.books import breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Beat(SoleScheduler):
    """Says what it would send."""

    def __init__(self, holder: str) -> None:
        self.sent: list[str] = []
        super().__init__(current_app, lazy=True)
        self.holder = holder
        acts = {"minute": 60, "five": 300, "hourly": crontab(minute=3)}
        self.update_from_dict({name: {"task": name, "schedule": period} for name, period in acts.items()})

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        self.sent.append(entry.name)

    def tick(self, *args, **kwargs):
        """All that is due now, as the beat's loop does it."""
        before = None
        while before != len(self.sent):
            before = len(self.sent)
            seconds = super().tick(*args, **kwargs)
        return seconds


def test_two_beats_send_each_act_once_a_period_whoever_of_them_lives():
    """T17: ten minutes side by side, then one falls silent, and comes back."""
    with time_machine.travel(NOON, tick=False) as clock:
        beats = [Beat("a"), Beat("b")]

        def minutes(count):
            before = Counter(name for beat in beats for name in beat.sent)
            for _ in range(count):
                clock.shift(timedelta(seconds=60))
                at_once(*[beat.tick for beat in beats])
            return Counter(name for beat in beats for name in beat.sent) - before

        assert minutes(10) == {"minute": 10, "five": 2, "hourly": 1}
        holder = Heartbeat.objects.get(name="beat").holder
        first, other = sorted(beats, key=lambda beat: beat.holder != holder)
        assert other.sent == []

        for taking_over in (other, first):
            Heartbeat.objects.update(seen_at=Now() - timedelta(seconds=21), holder="gone")
            taking_over.tick()
            assert minutes(5) == {"minute": 5, "five": 1}
            assert Heartbeat.objects.get(name="beat").holder == taking_over.holder


def acts() -> dict[str, Counter]:
    """Everything that a sweep can have done, counted by kind."""
    kinds = {
        StockMovement: "kind",
        OrderEvent: "verb",
        CustomerMail: "kind",
        Document: "kind",
        OutboxMessage: "topic",
        ExceptionCase: "kind",
        FulfillmentOrder: "state",
        PurchaseOrder: "state",
        Return: "state",
        Refund: "state",
        Hold: "state",
        StockDay: "day",
    }
    return {
        model.__name__: Counter(dict(model.objects.order_by().values_list(kind).annotate(n=Count("pk"))))
        for model, kind in kinds.items()
    }


def overdue() -> None:
    """What has an end has run out, and what waits to be tried again is due."""
    Reservation.objects.update(expires_at=Now() - timedelta(minutes=1))
    FulfillmentOrder.objects.exclude(collect_until=None).update(collect_until=Now() - timedelta(days=1))
    Return.objects.exclude(expires_at=None).update(expires_at=Now() - timedelta(days=1))
    Hold.objects.update(placed_at=Now() - timedelta(days=9))
    OutboxMessage.objects.filter(state__in=("new", "retry")).update(next_at=Now(), lease_until=None)


def swept(hands: int) -> dict[str, Counter]:
    """The world after one period: every act of the schedule, asked for by so many at once."""
    filled()
    overdue()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task = current_app.tasks[entry["task"]]
        answers = at_once(*[lambda task=task: task.apply(throw=True)] * hands)
        assert [answer for answer in answers if isinstance(answer, Exception)] == [], entry["task"]
    assert breaches() == {}
    return acts()


def empty() -> None:
    tables = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(name for name in tables if name != 'django_migrations')} CASCADE")
    cache.clear()


@override_settings(HOLD_KEEPS_STOCK_HOURS=1)
def test_what_three_workers_are_asked_for_at_once_is_done_once():
    """T17: every act of the schedule by one, and by three in the same moment: the same has happened."""
    once = swept(1)
    empty()

    assert swept(3) == once
