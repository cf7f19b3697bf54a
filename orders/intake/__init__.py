"""Take orders in, exactly once by (channel, external id), whatever is wrong with them: verification says that later."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from oms.common.crash import crash_point
from oms.common.errors import Refused
from orders import customers, signals
from orders.channels.base import ExternalOrder
from orders.customers import Buyer
from orders.intake import catalogue, kits, storing
from orders.intake.catalogue import find_skus
from orders.models import Channel, InboundMessage, Order

__all__ = ["Conflict", "Taken", "find_skus", "take", "take_many"]


class Conflict(Refused):
    """The same external id came before with other content."""

    code = "conflict"


class Taken:
    """`created` is False when the order was here already, with the same content."""

    def __init__(self, order_id: int, number: str, *, created: bool) -> None:
        self.order_id, self.number, self.created = order_id, number, created

    @property
    def order(self) -> Order:
        return Order.objects.get(pk=self.order_id)


def take(external: ExternalOrder, *, channel: Channel, raw: InboundMessage | None = None, by: Any) -> Taken:
    """Store it and ask for its verification. Raises Conflict when the id is known with other content."""
    with transaction.atomic(savepoint=False):
        taken = take_many([external], channel=channel, by=by)[0]
        if raw and isinstance(taken, Taken) and taken.created:
            InboundMessage.objects.filter(pk=raw.pk).update(order=taken.order_id)
        crash_point("intake.stored")
    if isinstance(taken, Conflict):
        raise taken
    return taken


@transaction.atomic(savepoint=False)
def take_many(externals: Sequence[ExternalOrder], *, channel: Channel, by: Any) -> list[Taken | Conflict]:
    """The answer to each, in their order. Many are stored by one statement, each whole or not at all."""
    first: dict[str, ExternalOrder] = {}
    for external in externals:
        first.setdefault(external.external_id, external)
    known = storing.known(list(first), channel)
    fresh = [external for key, external in first.items() if key not in known]
    made = _stored(fresh, channel, by=by) if fresh else {}
    if made:
        signals.tell_received([order_id for order_id, _ in made.values()])
    taken_meanwhile = [key for key in first if key not in made and key not in known]
    known |= storing.known(taken_meanwhile, channel)
    return [_answer(external, first, made, known, channel) for external in externals]


def _stored(fresh: Sequence[ExternalOrder], channel: Channel, *, by: Any) -> dict[str, tuple[int, str]]:
    known = catalogue.read(fresh)
    apart = kits.take_apart(fresh, known)
    made = storing.store(apart, known, _buyers(fresh), channel, by=by)
    kits.note(apart, made)
    return made


def _answer(external: ExternalOrder, first: dict, made: dict, known: dict, channel: Channel) -> Taken | Conflict:
    key = external.external_id
    if key in made and first[key] is external:
        return Taken(*made[key], created=True)
    order_id, number, fingerprint = (*made[key], first[key].fingerprint) if key in made else known[key]
    if fingerprint == external.fingerprint:
        return Taken(order_id, number, created=False)
    return Conflict(
        f"{key} of {channel} is order {number} already, with other content. "
        "Use a new external id for a new order, or amend the one there is.",
        number=number,
    )


def _buyers(externals: Sequence[ExternalOrder]) -> list[int | None]:
    return customers.match([Buyer(one.customer_name, one.email, one.phone) for one in externals])
