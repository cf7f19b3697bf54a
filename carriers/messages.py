"""What carriers send us: stored as it came and answered at once, read by a worker, and read again when that failed."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from carriers import accounts, tracking
from carriers.models import CarrierAccount, CarrierMessage, Tracker
from carriers.providers.base import CarrierError, WebhookNews
from oms.common import cases, states
from oms.common.actors import SYSTEM
from oms.common.locking import lock

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 5
LARGEST = 1024 * 1024
KEPT_FOR = timedelta(days=90)
State = CarrierMessage.State
MOVES = {State.NEW: {State.DONE, State.FAILED}, State.FAILED: {State.DONE}, State.DONE: set()}


def receive(
    account: CarrierAccount, headers: Mapping[str, str], body: bytes, *, content_type: str = ""
) -> CarrierMessage | None:
    """Store it if it is signed; None if it is not. The same delivery again is only counted."""
    provider = accounts.provider_of(account)
    if not provider.verify_webhook(headers, body):
        return None
    key = provider.message_key(headers, body)[:120]
    message, made = CarrierMessage.objects.get_or_create(
        account=account, key=key, defaults={"body": body, "content_type": content_type[:100]}
    )
    if not made:
        CarrierMessage.objects.filter(pk=message.pk).update(repeats=F("repeats") + 1)
    return message


def read(message_id: int) -> CarrierMessage:
    """Record what it tells. Quiet when that was done; later again when it can't be read now."""
    try:
        with transaction.atomic():
            return _read(message_id)
    except CarrierError as e:
        return _failed(message_id, str(e))
    except (KeyError, TypeError, ValueError) as e:
        log.warning("Carrier message %s could not be read: %s", message_id, e)
        return _failed(message_id, f"Not understood: {e}")


def read_waiting(limit: int = 200) -> int:
    """Messages whose hint was lost, or that failed before."""
    due = Q(next_at=None, received_at__lt=Now() - timedelta(seconds=20)) | Q(next_at__lte=Now())
    waiting = CarrierMessage.objects.filter(due, state=State.NEW).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    for pk in ids:
        read(pk)
    return len(ids)


def forget_old() -> int:
    return CarrierMessage.objects.filter(state=State.DONE, done_at__lt=Now() - KEPT_FOR).delete()[0]


def _read(message_id: int) -> CarrierMessage:
    message = lock(CarrierMessage.objects.filter(pk=message_id).select_related("account"))[0]
    if message.state == State.DONE:
        return message
    told = accounts.provider_of(message.account).read_webhook(bytes(message.body))
    for one in sorted(told, key=lambda one: one.tracking_number):
        _tell(message.account, one)
    states.advance(message, State.DONE, moves=MOVES)
    message.done_at, message.problem, message.next_at = timezone.now(), "", None
    message.save()
    return message


def _tell(account: CarrierAccount, told: WebhookNews) -> None:
    """News of a number that is not ours is read and let go: an account may be shared with another system."""
    tracker = Tracker.objects.filter(account=account, tracking_number=told.tracking_number).first()
    if tracker:
        tracking.record(tracker, told.news)


@transaction.atomic
def _failed(message_id: int, why: str) -> CarrierMessage:
    message = lock(CarrierMessage.objects.filter(pk=message_id))[0]
    message.attempts += 1
    message.problem = why[:300]
    message.next_at = timezone.now() + timedelta(minutes=2**message.attempts)
    if message.attempts >= MOST_ATTEMPTS and message.state == State.NEW:
        states.advance(message, State.FAILED, moves=MOVES)
        _ask_a_person(message)
    message.save()
    return message


def _ask_a_person(message: CarrierMessage) -> None:
    cases.open_case(
        "carrier_message",
        f"carrier:{message.account_id}",
        title=f"A message of {message.account} could not be read",
        detail=message.problem,
        key=f"carrier_message:{message.pk}",
        action_label="Open the account",
        action_url=message.account.get_absolute_url(),
        by=SYSTEM,
    )
