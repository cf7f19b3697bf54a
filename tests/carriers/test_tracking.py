"""A parcel never moves back, whatever order, however often and however late its news comes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from carriers import labels, signals, tracking
from carriers.models import Tracker, TrackingEvent
from carriers.projection import project
from carriers.providers.base import TrackingNews
from carriers.statuses import FINAL, STICKY, Incident, TrackingStatus
from oms.common.actors import SYSTEM
from tests.factories.carriers import label_request

T = TrackingStatus
START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def news(hour, status, **told):
    return TrackingNews(START + timedelta(hours=hour), status, **told)


STORY = [
    news(0, T.PENDING),
    news(1, T.PICKED_UP),
    news(2, T.IN_TRANSIT),
    news(3, T.OUT_FOR_DELIVERY),
    news(9, T.DELIVERED, signed_by="Jane"),
]


@pytest.fixture
def tracker(van) -> Tracker:
    return tracking.watch(van, "VAN1", "SH-1/1")


@given(st.permutations(STORY), st.lists(st.sampled_from(STORY), max_size=4))
def test_any_order_with_any_repeats_ends_the_same(order, repeats):
    assert project({one.key: one for one in [*order, *repeats]}.values()) == project(STORY)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(list(T))), min_size=1, max_size=12, unique=True), st.data()
)
def test_what_is_known_depends_on_the_news_and_not_on_its_order(told, data):
    story = [news(hour, status) for hour, status in told]

    assert project(story) == project(data.draw(st.permutations(story)))


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(list(T))), min_size=1, max_size=12, unique=True))
def test_an_end_stays_whatever_comes_later_and_a_parcel_on_its_way_does_not_go_back_to_the_shelf(told):
    story = [news(hour, status) for hour, status in told]
    ends = [one for one in story if one.status in STICKY]
    known = project(story)

    if ends:
        assert known.status in STICKY
        assert known.status == min(ends, key=lambda one: (one.at, one.status == T.DELIVERED)).status
    elif any(one.status not in (T.PENDING, T.UNKNOWN, T.CANCELLED) for one in story):
        assert known.status not in (T.PENDING, T.UNKNOWN, T.CANCELLED)


def test_news_is_kept_once_and_told_once(tracker, django_capture_on_commit_callbacks):
    heard = []
    signals.tracker_updated.connect(lambda tracker_id, **_: heard.append(tracker_id), weak=False, dispatch_uid="t")
    with django_capture_on_commit_callbacks(execute=True):
        tracking.record(tracker, STORY[:3])
        tracking.record(tracker, STORY[:3])
    signals.tracker_updated.disconnect(dispatch_uid="t")

    assert heard == [tracker.pk]
    assert tracker.events.count() == 3


def test_late_news_is_kept_and_moves_nothing(tracker):
    tracking.record(tracker, [STORY[4]])
    row = tracking.record(tracker, [STORY[2], STORY[3]])

    assert (row.status, row.signed_by, row.picked_up_at) == (T.DELIVERED, "Jane", STORY[2].at)
    assert row.delivered_at == STORY[4].at
    assert row.events.count() == 3


def test_a_second_day_on_the_van_follows_a_failed_delivery(tracker):
    failed = news(4, T.DELIVERY_FAILED, incident_reason=Incident.ABSENT)
    assert tracking.record(tracker, [STORY[3], failed]).incident_reason == "absent"

    row = tracking.record(tracker, [news(24, T.OUT_FOR_DELIVERY)])

    assert (row.status, row.incident_reason) == (T.OUT_FOR_DELIVERY, "")


def test_a_parcel_that_comes_back_is_not_delivered_when_it_reaches_us(tracker):
    tracking.record(tracker, [news(5, T.RETURN_TO_SENDER, incident_reason=Incident.REFUSED)])

    assert tracking.record(tracker, [news(50, T.DELIVERED)]).status == T.RETURN_TO_SENDER


def test_an_event_can_not_be_changed(tracker):
    tracking.record(tracker, STORY[:1])
    with pytest.raises(DatabaseError), transaction.atomic():
        TrackingEvent.objects.update(text="another")


def test_a_parcel_is_watched_once(van, tracker):
    assert tracking.watch(van, "VAN1").pk == tracker.pk


@pytest.fixture
def sent(fake):
    return labels.buy(labels.request(label_request(), account=fake, by=SYSTEM).pk)


def test_polling_brings_all_news_and_ends_with_the_last(fake, carrier, sent):
    carrier.desk.advance({"all": True, "steps": 4})
    Tracker.objects.update(next_poll_at=timezone.now())

    assert (tracking.poll_due(), tracking.poll_due()) == (1, 0)

    tracker = Tracker.objects.get()
    assert (tracker.status, tracker.next_poll_at, tracker.events.count()) == (T.DELIVERED, None, 5)
    theirs = [row["last"] for row in carrier.books.told()["labels"]]
    assert theirs == ["DEL"]


def test_a_poll_that_fails_is_tried_again_and_says_so(fake, sent, faulty):
    faulty("track", "503_before")
    Tracker.objects.update(next_poll_at=timezone.now())
    tracking.poll_due()

    tracker = Tracker.objects.get()
    assert tracker.problem == "The carrier is in trouble (503)."
    assert tracker.next_poll_at > timezone.now()


@pytest.mark.parametrize(
    ("word", "status", "incident"),
    [
        ("lost", "delivery_failed", "lost"),
        ("failed", "delivery_failed", "absent"),
        ("returned", "return_to_sender", "refused"),
    ],
)
def test_trouble_is_told_in_our_words(fake, carrier, sent, word, status, incident):
    carrier.desk.advance({"numbers": [sent.tracking_number], "status": word})
    tracking.poll(fake, [sent.tracker])

    sent.tracker.refresh_from_db()
    assert (sent.tracker.status, sent.tracker.incident_reason) == (status, incident)


def test_silence_is_noticed_once_and_ended_by_news(van, tracker):
    tracking.record(tracker, [news(1, T.IN_TRANSIT)])
    Tracker.objects.update(last_event_at=timezone.now() - timedelta(days=6))
    assert (tracking.find_silent(), tracking.find_silent()) == (1, 0)

    row = tracking.record(tracker, [news(30, T.OUT_FOR_DELIVERY)])
    assert not row.stale


def test_final_statuses_are_those_that_end_the_watch():
    assert {*STICKY, T.CANCELLED} == FINAL
