import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from oms.common import outbox
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase, OutboxMessage
from oms.common.outbox import State, delivering

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def handled(monkeypatch):
    """Messages of the topic "test" land here; put an exception into `fails` to have the next attempts end with it."""
    seen: list[str] = []
    seen_by_key = type("Handled", (), {"keys": seen, "fails": []})()

    def handle(message: OutboxMessage) -> None:
        if seen_by_key.fails:
            raise seen_by_key.fails.pop(0)
        seen.append(message.key)

    monkeypatch.setitem(outbox.HANDLERS, "test", handle)
    monkeypatch.setattr(outbox.tasks, "hint", lambda task, **kwargs: None)
    return seen_by_key


def make_due(**also) -> None:
    OutboxMessage.objects.filter(state__in=outbox.UNDELIVERED).update(next_at=Now(), lease_until=None, **also)


def test_a_message_is_delivered_once_and_keeps_its_request_id(handled):
    outbox.post("test", "mail:1", {"a": 1})

    assert outbox.drain() == 1
    assert outbox.drain() == 0
    assert handled.keys == ["mail:1"]
    message = OutboxMessage.objects.get()
    assert (message.state, message.attempts, message.payload) == (State.DELIVERED, 1, {"a": 1})
    assert message.delivered_at is not None


def test_posting_the_same_key_again_is_no_news(handled):
    first = outbox.post("test", "mail:1", {"a": 1})
    again = outbox.post("test", "mail:1", {"a": 2})

    assert again.pk == first.pk
    assert again.payload == {"a": 1}
    outbox.drain()
    assert handled.keys == ["mail:1"]


def test_a_message_of_a_rolled_back_transaction_never_was(handled):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.post("test", "mail:1", {})
        raise ZeroDivisionError

    assert outbox.drain() == 0
    assert not OutboxMessage.objects.exists()


def test_a_posted_message_is_hinted_after_commit_and_delivered_by_the_hint(handled, monkeypatch):
    hints = []
    monkeypatch.setattr(outbox.tasks, "hint", lambda task, **kwargs: hints.append((task.name, kwargs)))

    message = outbox.post("test", "mail:1", {})

    assert hints == [("oms.common.tasks.deliver", {"message_id": message.pk})]
    outbox.tasks.deliver(message_id=message.pk)
    assert handled.keys == ["mail:1"]


def test_a_delayed_message_waits_for_its_time(handled):
    outbox.post("test", "mail:1", {}, delay=60)

    assert outbox.drain() == 0
    make_due()
    assert outbox.drain() == 1


def test_a_failure_is_tried_again_after_a_growing_pause(handled):
    outbox.post("test", "mail:1", {})
    handled.fails = [ValueError("carrier is down"), ValueError("still down")]

    outbox.drain()
    message = OutboxMessage.objects.get()
    assert (message.state, message.attempts, message.last_error) == (State.RETRY, 1, "ValueError: carrier is down")
    assert outbox.drain() == 0

    make_due()
    outbox.drain()
    make_due()
    outbox.drain()
    assert handled.keys == ["mail:1"]
    assert OutboxMessage.objects.get().attempts == 3


def test_pauses_double_from_ten_seconds_to_an_hour_and_differ_by_a_fifth():
    for attempts, middle in [(1, 10), (2, 20), (5, 160), (9, 2560), (10, 3600), (12, 3600)]:
        pauses = [outbox.pause(attempts) for _ in range(50)]
        assert middle * 0.8 <= min(pauses) < max(pauses) <= middle * 1.2


def test_the_other_side_may_name_the_pause(handled):
    outbox.post("test", "mail:1", {})
    handled.fails = [outbox.Later(300)]

    outbox.drain()

    waiting = OutboxMessage.objects.filter(
        next_at__gt=Now() + timedelta(seconds=290), next_at__lt=Now() + timedelta(301)
    )
    assert waiting.count() == 1


def test_the_twelfth_failure_is_the_last_and_stands_before_a_person(handled):
    message = outbox.post("test", "mail:1", {})
    handled.fails = [ValueError("no")] * 20

    for _ in range(15):
        outbox.drain()
        make_due()

    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.DEAD, 12)
    case = ExceptionCase.objects.get()
    assert (case.kind, case.subject, case.key) == ("outbox_dead", f"outbox:{message.pk}", f"outbox:{message.pk}")
    assert case.detail == "ValueError: no"


def test_a_permanent_failure_is_not_tried_again(handled):
    outbox.post("test", "mail:1", {})
    handled.fails = [outbox.Permanent("The mailbox does not exist.")]

    outbox.drain()

    message = OutboxMessage.objects.get()
    assert (message.state, message.last_error) == (State.DEAD, "The mailbox does not exist.")


def test_a_topic_that_nobody_handles_is_given_up_at_once(handled):
    outbox.post("nobody", "mail:1", {})

    outbox.drain()

    assert OutboxMessage.objects.get().last_error == "Nothing handles “nobody”."


def test_trying_a_dead_message_again_starts_over_and_closes_its_case(handled):
    message = outbox.post("test", "mail:1", {})
    handled.fails = [outbox.Permanent("no")]
    outbox.drain()

    outbox.try_again(message, by=SYSTEM)

    assert ExceptionCase.objects.get().is_resolved
    assert outbox.drain() == 1
    assert handled.keys == ["mail:1"]
    with pytest.raises(outbox.NotDead):
        outbox.try_again(message, by=SYSTEM)


def test_a_message_that_kills_its_worker_is_given_up_too(handled):
    """The attempt is counted with the lease: a process that dies leaves the count."""
    message = outbox.post("test", "mail:1", {})
    for _ in range(12):
        assert len(delivering._lease(1)) == 1
        make_due()

    outbox.drain()

    message.refresh_from_db()
    assert (message.state, message.last_error) == (State.DEAD, "Every attempt ended without an answer.")
    assert handled.keys == []


def test_within_a_group_the_next_waits_for_the_one_before(handled):
    for number in (1, 2):
        outbox.post("test", f"stock:{number}", {}, group="sku:1")
    outbox.post("test", "stock:other", {}, group="sku:2")
    handled.fails = [ValueError("no")]

    outbox.drain()
    assert handled.keys == ["stock:other"]

    make_due()
    outbox.drain()
    assert handled.keys == ["stock:other", "stock:1", "stock:2"]


def test_a_dead_message_does_not_block_its_group(handled):
    for number in (1, 2):
        outbox.post("test", f"stock:{number}", {}, group="sku:1")
    handled.fails = [outbox.Permanent("no")]

    outbox.drain()

    assert handled.keys == ["stock:2"]


def test_a_leased_message_is_left_alone_until_the_lease_ends(handled):
    outbox.post("test", "mail:1", {})
    assert len(delivering._lease(10)) == 1

    assert outbox.drain() == 0
    OutboxMessage.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert outbox.drain() == 1


def test_a_worker_that_comes_back_after_its_lease_does_nothing(handled):
    outbox.post("test", "mail:1", {})
    began, late = time.monotonic() - 121, delivering._lease(1)
    OutboxMessage.objects.update(lease_until=Now() - timedelta(seconds=1))
    outbox.drain()

    assert delivering._work_off(late, began) == 0
    assert handled.keys == ["mail:1"]


def test_a_handler_runs_outside_any_transaction(handled, monkeypatch):
    inside = []
    monkeypatch.setitem(outbox.HANDLERS, "test", lambda message: inside.append(connection.in_atomic_block))
    outbox.post("test", "mail:1", {})

    outbox.drain()

    assert inside == [False]


def test_sweepers_side_by_side_deliver_each_message_once(handled, monkeypatch):
    lock, seen = threading.Lock(), []

    def handle(message: OutboxMessage) -> None:
        with lock:
            seen.append(message.key)

    monkeypatch.setitem(outbox.HANDLERS, "test", handle)
    keys = [f"mail:{n}" for n in range(200)]
    OutboxMessage.objects.bulk_create([OutboxMessage(topic="test", key=key) for key in keys])

    def sweep(_: int) -> int:
        try:
            return outbox.drain(limit=500)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        tried = list(pool.map(sweep, range(4)))

    assert sum(tried) == 200
    assert sorted(seen) == sorted(keys)


def test_one_that_fails_takes_nobody_along(handled):
    for n in range(5):
        outbox.post("test", f"mail:{n}", {})
    handled.fails = [ValueError("no")]

    assert outbox.drain() == 5
    assert handled.keys == ["mail:1", "mail:2", "mail:3", "mail:4"]
    states = dict(OutboxMessage.objects.values_list("key", "state"))
    assert states == {"mail:0": "retry", **{f"mail:{n}": "delivered" for n in range(1, 5)}}


def test_one_that_has_failed_before_is_leased_alone(handled):
    for n in range(3):
        outbox.post("test", f"mail:{n}", {})
    OutboxMessage.objects.filter(key="mail:1").update(attempts=3)

    assert [[message.key for message in delivering._lease(10)] for _ in range(3)] == [
        ["mail:1"],
        ["mail:0", "mail:2"],
        [],
    ]


def test_what_a_slow_batch_did_not_reach_goes_back_to_everybody(handled, monkeypatch):
    monkeypatch.setattr(delivering, "HOLD", 0.0)
    outbox.post("test", "mail:1", {})

    assert delivering._work_off(delivering._lease(1), time.monotonic() - 1) == 0

    message = OutboxMessage.objects.get()
    assert (message.attempts, message.lease_until, handled.keys) == (0, None, [])


def test_the_oldest_waiting_message_is_the_alarm_figure(handled):
    assert outbox.oldest_waiting_seconds() == 0
    outbox.post("test", "mail:1", {})
    OutboxMessage.objects.update(next_at=Now() - timedelta(minutes=5))

    assert 299 < outbox.oldest_waiting_seconds() < 310


def test_delivered_messages_are_forgotten_after_thirty_days(handled):
    outbox.post("test", "mail:1", {})
    outbox.post("test", "mail:2", {})
    outbox.drain()
    OutboxMessage.objects.filter(key="mail:1").update(delivered_at=Now() - timedelta(days=31))

    assert outbox.forget_delivered() == 1
    assert OutboxMessage.objects.get().key == "mail:2"


def test_a_mail_is_sent_with_a_name_of_its_own(mailoutbox):
    message = outbox.post("mail", "mail:1", {"to": "ada@example.com", "subject": "Hi", "text": "T", "html": "<p>H"})

    outbox.drain()

    (mail,) = mailoutbox
    assert (mail.to, mail.subject, mail.body) == (["ada@example.com"], "Hi", "T")
    assert mail.alternatives[0].content == "<p>H"
    assert mail.extra_headers["Message-ID"] == f"<outbox-{message.pk}@oms>"
