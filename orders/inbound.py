"""What channels send: stored as it came, answered, read by a worker, and never lost when it can't be read."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from oms.common import cases, states, throttle
from oms.common.actors import SYSTEM, Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock
from orders import intake
from orders.channels import adapter
from orders.models import Channel, InboundMessage
from orders.statuses import INBOUND_MOVES, InboundState

LARGEST = 2 * 1024 * 1024
MOST_ATTEMPTS = 5
SEEN_AGAIN_AFTER = 60  # seconds; who knows the address could else fill our tables
KEPT_HEADERS = ("content-type", "user-agent", "x-oms-signature", "x-oms-event-id", "x-oms-topic")


def store(channel: Channel, headers: Mapping[str, str], body: bytes) -> InboundMessage:
    """The message; the same event or body again is counted on the first one.

    An event id that comes with another body is another message: nothing is lost to a sender that counts wrongly.
    """
    event_id = adapter(channel.kind).event_id(headers, body)
    digest = hashlib.sha256(body).hexdigest()
    facts = {
        "topic": headers.get("x-oms-topic", "")[:60],
        "sha256": digest,
        "headers": {name: headers[name] for name in KEPT_HEADERS if name in headers},
        "body": body,
    }
    same = {"event_id": event_id} if event_id else {"event_id": "", "sha256": digest}
    stored, fresh = InboundMessage.objects.get_or_create(channel=channel, **same, defaults=facts)
    if stored.sha256 != digest:
        same = {"event_id": f"{event_id[:180]} {digest[:12]}"}
        stored, fresh = InboundMessage.objects.get_or_create(channel=channel, **same, defaults=facts)
    if fresh:
        cases.resolve_case(f"inbound.unsigned:{channel.pk}", by=SYSTEM, resolution="A signed message came")
    if not fresh:
        InboundMessage.objects.filter(pk=stored.pk).update(repeats=F("repeats") + 1)
    return stored


def turn_away(channel: Channel) -> None:
    """A message that is not signed is not kept, only counted: a wrong secret must come before a person."""
    if throttle.too_often("inbound.unsigned", str(channel.pk), limit=1, window=SEEN_AGAIN_AFTER):
        return
    cases.open_case(
        "inbound.unsigned",
        f"channel:{channel.code}",
        title=f"{channel} sends messages with a wrong signature",
        detail="They are turned away. Compare the secret of the channel with the one that signs.",
        key=f"inbound.unsigned:{channel.pk}",
        action_label="See the channel",
        action_url=f"/channels/{channel.code}/",
        by=SYSTEM,
    )


def process(message_id: int) -> InboundMessage:
    """Read it and take the order in. What can't be used is refused with its reason and put before a person."""
    with transaction.atomic():
        message = lock(InboundMessage.objects.filter(pk=message_id).select_related("channel"))[0]
        if message.state == InboundState.PROCESSED:
            return message
        message.attempts += 1
        message.save(update_fields=["attempts"])
    channel = message.channel
    try:
        external = adapter(channel.kind).read(channel, message.headers, bytes(message.body))
        taken = intake.take(external, channel=channel, raw=message, by=Actor.channel(channel.name))
    except Refused as e:
        return _settle(message, InboundState.REFUSED, str(e))
    except Exception as e:
        _settle(message, InboundState.FAILED, f"{type(e).__name__}: {e}"[:500])
        raise
    crash_point("inbound.taken")
    told = f"Order {taken.order.number}" + ("" if taken.created else ", which was here already")
    return _settle(message, InboundState.PROCESSED, told, order=taken.order, external_id=external.external_id)


def try_again(message: InboundMessage, *, by: Any) -> InboundMessage:
    Actor.of(by)
    return process(message.pk)


@transaction.atomic
def _settle(message: InboundMessage, to: str, outcome: str, **facts: Any) -> InboundMessage:
    row = lock(InboundMessage.objects.filter(pk=message.pk).select_related("channel"))[0]
    if row.state == InboundState.PROCESSED:
        return row
    states.advance(row, to, moves=INBOUND_MOVES)
    row.outcome, row.processed_at = outcome, timezone.now()
    for name, value in facts.items():
        setattr(row, name, value)
    row.save()
    key = f"inbound:{row.pk}"
    if to == InboundState.PROCESSED:
        cases.resolve_case(key, by=SYSTEM, resolution=outcome)
    else:
        cases.open_case(
            "inbound.refused",
            f"channel:{row.channel.code}",
            title=f"A message of {row.channel} could not be used",
            detail=outcome,
            key=key,
            action_label="See the message",
            action_url=f"/channels/{row.channel.code}/messages/{row.pk}/",
            by=SYSTEM,
        )
    return row
