import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from oms.common import idempotency
from oms.common.idempotency import Conflict, InProgress, remember
from oms.common.models import IdempotencyKey, Sequence

pytestmark = pytest.mark.django_db(transaction=True)


def effect(name: str = "x"):
    """Work with a trace: a row that can be counted."""

    def produce() -> dict:
        Sequence.objects.create(name=f"{name}-{Sequence.objects.count()}")
        return {"effects": Sequence.objects.count()}

    return produce


@pytest.mark.parametrize("atomic", [True, False])
def test_a_repeat_gets_the_first_result(atomic):
    first = remember("api:1", "key", "hash", effect(), atomic=atomic)
    again = remember("api:1", "key", "hash", effect(), atomic=atomic)

    assert first == ({"effects": 1}, False)
    assert again == ({"effects": 1}, True)
    assert Sequence.objects.count() == 1


def test_another_body_under_the_same_key_is_a_conflict():
    remember("api:1", "key", "hash", effect())

    with pytest.raises(Conflict, match="used for another request"):
        remember("api:1", "key", "other", effect())


def test_scopes_do_not_share_keys():
    remember("api:1", "key", "hash", effect())

    assert remember("api:2", "key", "hash", effect()) == ({"effects": 2}, False)


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_a_length(key):
    with pytest.raises(Conflict):
        remember("api:1", key, "hash", effect())


@pytest.mark.parametrize("atomic", [True, False])
def test_a_failure_frees_the_key_also_for_a_corrected_body(atomic):
    def fail() -> dict:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        remember("api:1", "key", "hash", fail, atomic=atomic)

    assert remember("api:1", "key", "corrected", effect(), atomic=atomic) == ({"effects": 1}, False)


def test_a_failure_takes_its_half_done_work_back():
    def half() -> dict:
        Sequence.objects.create(name="half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        remember("api:1", "key", "hash", half)

    assert not Sequence.objects.exists()


def test_an_answer_of_none_keeps_its_writes_and_frees_the_key():
    def refuse() -> None:
        Sequence.objects.create(name="noted")

    assert remember("api:1", "key", "hash", refuse) == (None, False)
    assert remember("api:1", "key", "hash", effect()) == ({"effects": 2}, False)


def race(atomic: bool, wait: bool):
    """The second caller comes while the first is at work. Gives what the second got, and what the first got."""
    started, go_on, first = threading.Event(), threading.Event(), []

    def slow() -> dict:
        started.set()
        assert go_on.wait(10)
        return effect()()

    def run() -> None:
        try:
            first.append(remember("api:1", "key", "hash", slow, atomic=atomic))
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(10)
    if wait:
        threading.Timer(0.3, go_on.set).start()
    try:
        second = remember("api:1", "key", "hash", effect(), atomic=atomic, wait=wait)
    except InProgress as e:
        second = e
    go_on.set()
    thread.join()
    return second, first[0]


@pytest.mark.parametrize("atomic", [True, False])
def test_a_second_caller_is_told_that_the_first_is_at_work(atomic):
    second, first = race(atomic, wait=False)

    assert isinstance(second, InProgress)
    assert second.retry_after == 2
    assert first == ({"effects": 1}, False)
    assert Sequence.objects.count() == 1


def test_a_second_caller_may_wait_for_the_first():
    second, first = race(atomic=True, wait=True)

    assert second == ({"effects": 1}, True)
    assert first == ({"effects": 1}, False)


def test_work_in_steps_is_taken_over_when_its_lease_has_ended():
    IdempotencyKey.objects.create(scope="api:1", key="key", body_hash="hash", lease_until=Now() - timedelta(seconds=1))

    assert remember("api:1", "key", "hash", effect(), atomic=False) == ({"effects": 1}, False)


def test_keys_are_forgotten_after_seven_days():
    remember("api:1", "old", "hash", effect())
    remember("api:1", "new", "hash", effect())
    IdempotencyKey.objects.filter(key="old").update(created_at=Now() - timedelta(days=7, minutes=1))

    assert idempotency.forget_old() == 1
    assert IdempotencyKey.objects.get().key == "new"


def test_the_fingerprint_knows_the_order_of_parts_but_not_of_keys():
    assert idempotency.body_hash({"a": 1, "b": 2}) == idempotency.body_hash({"b": 2, "a": 1})
    assert idempotency.body_hash(b"ab", b"c") != idempotency.body_hash(b"a", b"bc")
