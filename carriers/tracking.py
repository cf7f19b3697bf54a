"""Parcels on their way: watched, told of by webhook, poll or by hand, never moved back.

Every piece of news is kept; the tracker's status is projected from all of them under the tracker's lock.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from carriers import accounts, signals
from carriers.models import CarrierAccount, Tracker, TrackingEvent
from carriers.projection import project
from carriers.providers import get
from carriers.providers.base import CarrierError, TrackingNews
from carriers.statuses import FINAL, Direction, TrackingStatus
from oms.common.locking import lock, retrying

log = logging.getLogger(__name__)
POLL_AFTER = {
    TrackingStatus.PENDING: timedelta(minutes=30),
    TrackingStatus.OUT_FOR_DELIVERY: timedelta(minutes=20),
    TrackingStatus.READY_FOR_PICKUP: timedelta(hours=6),
}
POLL_ELSE = timedelta(hours=2)
POLL_AGAIN = timedelta(minutes=10)  # while somebody asks, and after it went wrong
GIVE_UP_AFTER = timedelta(days=60)
SILENT_DAYS = 5
BATCH = 50
SHORT = {"last_text": 200, "last_place": 120, "signed_by": 120}


def watch(
    account: CarrierAccount,
    tracking_number: str,
    reference: str = "",
    *,
    direction: str = Direction.OUTBOUND,
    deliver_by: datetime | None = None,
    tracking_url: str = "",
) -> Tracker:
    """The tracker of this number, made when there is none. What is known already is kept."""
    tracker, made = Tracker.objects.get_or_create(
        account=account,
        tracking_number=tracking_number,
        defaults={
            "reference": reference,
            "direction": direction,
            "deliver_by": deliver_by,
            "tracking_url": tracking_url[:300],
            "next_poll_at": timezone.now() + POLL_AFTER[TrackingStatus.PENDING] if is_asked(account) else None,
        },
    )
    if not made and reference and not tracker.reference:
        tracker.reference = reference
        tracker.save(update_fields=["reference"])
    return tracker


@retrying
@transaction.atomic
def record(tracker: Tracker, news: Iterable[TrackingNews]) -> Tracker:
    """Keep what is new of it and tell what it changed. Twice, late or out of order makes no difference."""
    row = lock(Tracker.objects.filter(pk=tracker.pk))[0]
    told = list(news)
    TrackingEvent.objects.bulk_create([_event(row, one) for one in told], ignore_conflicts=True)
    before = _facts(row)
    _project(row)
    _take_estimate(row, told)
    row.stale = False if row.last_event_at != before["last_event_at"] else row.stale
    row.next_poll_at = _next_poll(row)
    row.save()
    if _facts(row) != before:
        transaction.on_commit(lambda: signals.tracker_updated.send(sender=Tracker, tracker_id=row.pk))
    return row


def poll(account: CarrierAccount, trackers: Sequence[Tracker]) -> None:
    """Ask for all news of these parcels of one account, and record it. Outside any transaction."""
    by_number = {tracker.tracking_number: tracker for tracker in trackers}
    try:
        told = accounts.provider_of(account).track(list(by_number))
    except CarrierError as e:
        accounts.note_failure(account, e)
        Tracker.objects.filter(pk__in=[tracker.pk for tracker in trackers]).update(problem=str(e)[:300])
        return
    accounts.note_answer(account)
    Tracker.objects.filter(pk__in=[tracker.pk for tracker in trackers]).update(polled_at=timezone.now(), problem="")
    for number, news in told.items():
        if number in by_number:
            record(by_number[number], news)


def poll_due(limit: int = 500) -> int:
    """All parcels whose turn it is, in batches by account. How many were asked about."""
    asked = 0
    while asked < limit:
        batch = _take_due(min(BATCH, limit - asked))
        if not batch:
            break
        by_account: dict[CarrierAccount, list[Tracker]] = defaultdict(list)
        for tracker in batch:
            by_account[tracker.account].append(tracker)
        for account, trackers in by_account.items():
            poll(account, trackers)
        asked += len(batch)
    return asked


def find_silent() -> int:
    """Mark parcels on their way that nobody heard of for longer than their carrier ever needs."""
    found = 0
    for account in CarrierAccount.objects.all():
        since = timezone.now() - timedelta(days=int((account.config or {}).get("silent_days") or SILENT_DAYS))
        quiet = Q(last_event_at__lt=since) | Q(last_event_at=None, created_at__lt=since)
        silent = Tracker.objects.under_way().filter(quiet, account=account, stale=False)
        for pk in list(silent.order_by("pk").values_list("pk", flat=True)[:1000]):
            if Tracker.objects.filter(pk=pk, stale=False).update(stale=True):
                signals.tracker_updated.send(sender=Tracker, tracker_id=pk)
                found += 1
    return found


def _take_due(limit: int) -> list[Tracker]:
    """Moved on by ten minutes first, so that a second poller and a crash take nothing twice at once."""
    with transaction.atomic():
        due = Tracker.objects.filter(next_poll_at__lte=timezone.now()).order_by("next_poll_at", "pk")
        ids = list(due.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:limit])
        Tracker.objects.filter(pk__in=ids).update(next_poll_at=timezone.now() + POLL_AGAIN)
    return list(Tracker.objects.filter(pk__in=ids).select_related("account").order_by("pk"))


def _project(row: Tracker) -> None:
    known = project(row.events.all())
    if known is None:
        return
    for name, value in vars(known).items():
        setattr(row, name, value[: SHORT[name]] if name in SHORT else value)


def _take_estimate(row: Tracker, told: list[TrackingNews]) -> None:
    """What the newest news says of the day of arrival; older news does not bring an older guess back."""
    guesses = [one for one in told if one.estimated_at and (row.last_event_at is None or one.at >= row.last_event_at)]
    if guesses:
        row.estimated_at = max(guesses, key=lambda one: one.at).estimated_at


def _next_poll(row: Tracker) -> datetime | None:
    now = timezone.now()
    if row.status in FINAL or row.created_at < now - GIVE_UP_AFTER or not is_asked(row.account):
        return None
    return now + POLL_AFTER.get(row.status, POLL_ELSE)


def is_asked(account: CarrierAccount) -> bool:
    """Whether its carrier can be asked about parcels."""
    try:
        return get(account.provider).tracks
    except CarrierError:
        return False


def _event(row: Tracker, news: TrackingNews) -> TrackingEvent:
    return TrackingEvent(
        tracker=row,
        key=news.key,
        at=news.at,
        status=news.status,
        incident_reason=news.incident_reason,
        text=news.text[:200],
        place=news.place[:120],
        code=news.code[:60],
        signed_by=news.signed_by[:120],
    )


def _facts(row: Tracker) -> dict[str, Any]:
    names = ("status", "incident_reason", "last_event_at", "last_text", "last_place", "delivered_at", "estimated_at")
    return {name: getattr(row, name) for name in names}
