"""T19: many messages, several workers, every tenth attempt fails: each arrives, and its effect is there once."""

import random
import threading
import time
from collections import Counter

import pytest
from django.db.models import F
from django.db.models.functions import Now

from oms.common import outbox
from oms.common.models import OutboxMessage
from tests.fulfillment.books import breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGES, WORKERS, GROUPS, FAILING = 10_000, 4, 500, 0.1


class Other:
    """The other side: it is cut off now and then, before or after it did what was asked, and does no key twice."""

    def __init__(self) -> None:
        self.dice, self.lock = random.Random(19), threading.Lock()
        self.heard: Counter[str] = Counter()
        self.done: dict[str, list[str]] = {}
        self.failed = 0

    def hear(self, message: OutboxMessage) -> None:
        with self.lock:
            self.heard[message.key] += 1
            luck = self.dice.random()
            self.failed += luck < FAILING
            if luck < FAILING / 2:
                raise ConnectionError("cut off before")
            done = self.done.setdefault(message.group, [])
            if message.key not in done:
                done.append(message.key)
            if luck < FAILING:
                raise ConnectionError("cut off after")


def deliver_all() -> int:
    """Rounds of all workers until nothing waits; what failed is due again in the next. How many rounds there were."""
    rounds = 0
    while OutboxMessage.objects.filter(state__in=outbox.UNDELIVERED).exists():
        answers = at_once(*[lambda: outbox.drain(limit=MESSAGES)] * WORKERS)
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        OutboxMessage.objects.filter(state="retry").update(next_at=Now())
        rounds += 1
    return rounds


def test_ten_thousand_messages_arrive_once_each_and_in_the_order_of_their_group(monkeypatch):
    """T19: 4 workers, 10 % of all attempts fail, 500 groups of which each waits for its own only."""
    other = Other()
    monkeypatch.setitem(outbox.HANDLERS, "test", other.hear)
    posted: dict[str, list[str]] = {}
    for n in range(MESSAGES):
        posted.setdefault(f"sku:{n % GROUPS}", []).append(f"stock:{n}")
    rows = [(group, key) for group, keys in posted.items() for key in keys]
    rows.sort(key=lambda row: int(row[1].partition(":")[2]))
    OutboxMessage.objects.bulk_create([OutboxMessage(topic="test", group=group, key=key) for group, key in rows])
    began = time.monotonic()

    rounds = deliver_all()

    seconds = time.monotonic() - began
    assert other.done == posted
    assert OutboxMessage.objects.filter(state="delivered").count() == MESSAGES
    assert sum(other.heard.values()) == MESSAGES + other.failed
    assert dict(OutboxMessage.objects.filter(attempts__gt=1).values_list("key", F("attempts"))) == {
        key: times for key, times in other.heard.items() if times > 1
    }
    assert MESSAGES * FAILING * 0.8 < other.failed < MESSAGES * FAILING * 1.5
    assert breaches() == {}
    print(f"T19: {MESSAGES / seconds:.0f} messages/s, {other.failed} failures, {rounds} rounds")
