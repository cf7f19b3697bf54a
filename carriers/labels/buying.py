"""A label is bought once: leased, asked for, stored. After a lost answer it is looked up before it is asked for again.

Steps: lease (committed) → note that we ask (committed) → ask → store. A process that dies in between leaves a row that
says "asked", and whoever comes next looks it up at the carrier by our reference.
"""

import random
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from carriers import accounts, tracking
from carriers.labels.asking import VOID, tell
from carriers.models import Label
from carriers.providers.base import CarrierError, LabelRequest, LabelResult, Provider
from carriers.statuses import LABEL_MOVES, UNSETTLED_LABELS, LabelState
from oms.common import cases, outbox, states
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.locking import lock

LEASE = timedelta(seconds=90)
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0
MOST_ATTEMPTS = 8  # answers that say "not now" before a person chooses another service
DOUBT_LIMIT = timedelta(minutes=10)  # an unknown label older than that is a person's case
ASK_A_PERSON = "ask_a_person"


def buy(label_id: int) -> Label:
    """Buy it, or find out whether it was bought. Does nothing when somebody else has it or its pause is not over."""
    return _work(label_id, Q(retry_at=None) | Q(retry_at__lte=Now()))


def resolve(label_id: int) -> Label:
    """The same, now, whatever pause was agreed: a person wants to know."""
    return _work(label_id, Q())


def settle_waiting(limit: int = 100) -> int:
    """Unsettled labels whose pause is over and that nobody has: what a lost hint or a dead worker left."""
    due = Q(retry_at=None) | Q(retry_at__lte=Now())
    free = Q(lease_until=None) | Q(lease_until__lte=Now())
    old = Q(created_at__lt=Now() - timedelta(seconds=30)) | Q(attempts__gt=0)
    waiting = Label.objects.filter(due, free, old, state__in=UNSETTLED_LABELS).order_by("created_at", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    for pk in ids:
        buy(pk)
    return len(ids)


def _work(label_id: int, due: Q) -> Label:
    if not _lease(label_id, due):
        return Label.objects.get(pk=label_id)
    label = Label.objects.select_related("account").get(pk=label_id)
    try:
        provider = accounts.provider_of(label.account)
        result = _found_earlier(provider, label) or _sold(provider, label)
    except CarrierError as e:
        return _troubled(label, e)
    return _bought(label, result) if result else Label.objects.get(pk=label_id)


@transaction.atomic(durable=True)
def _lease(label_id: int, due: Q) -> bool:
    """Durable: refuses to run inside a transaction, in which a carrier must not be asked."""
    free = Q(lease_until=None) | Q(lease_until__lte=Now())
    mine = Label.objects.filter(due, free, pk=label_id, state__in=UNSETTLED_LABELS)
    return bool(mine.update(lease_until=Now() + LEASE))


def _found_earlier(provider: Provider, label: Label) -> LabelResult | None:
    """What an earlier question bought; None when nothing did, so that it may be asked again."""
    if label.asked_at is None:
        return None
    if not provider.finds_labels:
        if provider.settle_seconds == 0:
            return None
        raise CarrierError("The carrier can't be asked whether it was bought.", ambiguous=True, code=ASK_A_PERSON)
    try:
        found = provider.find_label(label.reference)
    except CarrierError as e:
        raise CarrierError(str(e), ambiguous=True, sign_in=e.sign_in, retry_after=e.retry_after) from e
    wait = label.asked_at + timedelta(seconds=provider.settle_seconds) - timezone.now()
    if found is None and wait > timedelta(0):
        raise CarrierError("Not known there yet.", ambiguous=True, retry_after=wait.total_seconds())
    return found


def _sold(provider: Provider, label: Label) -> LabelResult | None:
    """Ask for it. None when it was no longer wanted by now."""
    if not _note_asked(label):
        return None
    crash_point("label.before_buy")
    result = provider.buy(LabelRequest.from_json(label.request))
    crash_point("label.after_buy")
    return result


@transaction.atomic
def _note_asked(label: Label) -> bool:
    row = lock(Label.objects.filter(pk=label.pk))[0]
    if row.void_asked_at:
        _settle(
            row, LabelState.VOIDED if row.state == LabelState.REQUESTED else LabelState.FAILED, "Not wanted any more."
        )
        row.save()
        return False
    if row.state == LabelState.UNKNOWN:
        states.advance(row, LabelState.REQUESTED, moves=LABEL_MOVES)
    row.asked_at = timezone.now()
    row.attempts += 1
    row.save()
    return True


@transaction.atomic
def _bought(label: Label, result: LabelResult) -> Label:
    row = lock(Label.objects.filter(pk=label.pk))[0]
    if row.state not in UNSETTLED_LABELS:
        _refuse_twice(row, result)
        return row
    states.advance(row, LabelState.BOUGHT, moves=LABEL_MOVES)
    row.tracking_number, row.tracking_url = result.tracking_number, result.tracking_url[:300]
    row.carrier_label_id, row.cost, row.currency = result.carrier_label_id, result.cost.amount, result.cost.currency
    row.pdf, row.zpl, row.problem = result.pdf, result.zpl, ""
    row.bought_at, row.retry_at, row.lease_until = timezone.now(), None, None
    row.tracker = tracking.watch(
        label.account,
        result.tracking_number,
        row.parcel_reference,
        direction=row.direction,
        deliver_by=row.deliver_by,
        tracking_url=result.tracking_url,
    )
    row.save()
    accounts.note_answer(label.account)
    cases.resolve_case(_case_key(row), by=SYSTEM, resolution="Bought")
    if row.void_asked_at:
        outbox.post(VOID, f"void:{row.pk}", {"label": row.pk})
    tell(row)
    return row


def _refuse_twice(row: Label, result: LabelResult) -> None:
    """Another worker stored it first. The same label is no news; a second one has to be taken back by a person."""
    if row.tracking_number != result.tracking_number:
        cases.open_case(
            "label_twice",
            f"label:{row.pk}",
            title=f"A second label was bought for {row.reference}: {result.tracking_number}",
            key=f"label_twice:{row.pk}",
            action_label="Look at the label",
            action_url=row.get_absolute_url(),
            severity="high",
            by=SYSTEM,
        )


@transaction.atomic
def _troubled(label: Label, error: CarrierError) -> Label:
    """Refused for good: failed. Nobody knows: unknown. Not now: another time, until it was asked too often."""
    accounts.note_failure(label.account, error)
    row = lock(Label.objects.filter(pk=label.pk))[0]
    if row.state not in UNSETTLED_LABELS:
        return row
    row.problem, row.lease_until = str(error)[:500], None
    row.retry_at = timezone.now() + timedelta(seconds=error.retry_after or _pause(row))
    if error.ambiguous:
        _doubtful(row, error)
    elif error.permanent or row.attempts >= MOST_ATTEMPTS:
        _settle(row, LabelState.FAILED, row.problem)
    else:
        row.asked_at = None
    row.save()
    return row


def _doubtful(row: Label, error: CarrierError) -> None:
    if row.state == LabelState.REQUESTED:
        states.advance(row, LabelState.UNKNOWN, moves=LABEL_MOVES)
    row.asked_at = row.asked_at or timezone.now()
    if error.code == ASK_A_PERSON or timezone.now() - row.asked_at > DOUBT_LIMIT:
        cases.open_case(
            "label_unknown",
            f"label:{row.pk}",
            title=f"Nobody knows whether a label was bought for {row.reference}",
            detail=row.problem,
            key=_case_key(row),
            action_label="Look and decide",
            action_url=row.get_absolute_url(),
            severity="high",
            sla_minutes=60,
            by=SYSTEM,
        )


def _settle(row: Label, to: str, problem: str) -> None:
    states.advance(row, to, moves=LABEL_MOVES)
    row.problem, row.retry_at, row.lease_until = problem[:500], None, None
    if to == LabelState.VOIDED:
        row.voided_at = timezone.now()
    tell(row)


def _pause(row: Label) -> float:
    """Twice as long each time, by tries or by how long nobody knows, ±20 % so that many do not come back together."""
    doubt = (timezone.now() - row.asked_at).total_seconds() if row.asked_at else 0
    pause = max(FIRST_PAUSE * 2 ** max(row.attempts - 1, 0), doubt)
    return min(pause, LONGEST_PAUSE) * random.uniform(0.8, 1.2)


def _case_key(row: Label) -> str:
    return f"label_unknown:{row.pk}"
