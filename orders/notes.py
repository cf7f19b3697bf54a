"""What colleagues want to remember about an order."""

from typing import Any

from django.db import transaction

from oms.common.actors import Actor
from oms.common.errors import Invalid
from oms.common.locking import lock
from orders import timeline
from orders.models import Note, Order


@transaction.atomic
def add(order: Order, body: str, *, pinned: bool = False, by: Any) -> Note:
    body = body.strip()
    if not body:
        raise Invalid("Write something first.", field="body")
    lock(Order.objects.filter(pk=order.pk))
    order.refresh_from_db(fields=["event_count"])
    actor = Actor.of(by)
    note = Note.objects.create(
        order=order, body=body, pinned=pinned, author_id=actor.user_id, author_label=actor.label[:120]
    )
    timeline.record(order, "note.added", by=by, text=body, note=note.pk)
    return note


@transaction.atomic
def pin(note: Note, pinned: bool, *, by: Any) -> Note:
    Actor.of(by)
    note.pinned = pinned
    note.save(update_fields=["pinned"])
    return note
