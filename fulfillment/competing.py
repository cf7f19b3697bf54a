"""Who waits for the same SKUs, and what a plan for all of them has to know: read for many at once, without a lock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils import timezone

from fulfillment import demand, directory, supply
from fulfillment.models import Backorder
from fulfillment.routing.facts import Facts, Want
from fulfillment.statuses import BackorderState
from inventory import availability
from orders import holds, snapshots
from orders.models import Order
from orders.snapshots import Snapshot
from orders.statuses import OrderState, Verb

AT_ONCE = 300  # orders that are decided together; those after them come next
# without orders that may not be allocated now
WAITING = Backorder.objects.filter(state=BackorderState.WAITING, order_line__order__state=OrderState.CONFIRMED).exclude(
    order_line__order__in=holds.blocked(Verb.ALLOCATE)
)


@dataclass(frozen=True)
class Competing:
    """Orders, the oldest first, with what they wait for, over one stock."""

    orders: tuple[Snapshot, ...] = ()
    facts: Mapping[int, Facts] = field(default_factory=dict)

    def named(self) -> dict[str, Facts]:
        return {order.number: self.facts[order.id] for order in self.orders}


def read(sku_ids: Collection[int], *, before: Order | None = None, without: Collection[int] = ()) -> Competing:
    """Those who wait for what is there of the SKUs, and whoever is older and waits for something else they wait for."""
    return again(_who(set(sku_ids), before, without))


def again(ids: Collection[int]) -> Competing:
    """These orders as they are now; without those that wait for nothing any more, or may not be allocated."""
    wants = _wants(ids) if ids else {}
    if not wants:
        return Competing()
    orders = snapshots.read(wants)
    return Competing(tuple(orders), _facts(orders, wants))


def wants_of(order: Order) -> tuple[Want, ...]:
    """All that the order waits for."""
    return _wants([order.pk]).get(order.pk, ())


def waiting_for(sku_ids: Collection[int], *, before: Order | None = None) -> list[int]:
    """Orders, the oldest first; `before` stops at that order's place in line."""
    rows = WAITING.filter(sku__in=sku_ids)
    if before is not None:
        rows = rows.filter(
            Q(queued_at__lt=before.placed_at) | Q(queued_at=before.placed_at, order_line__order__lt=before.pk)
        )
    found = rows.order_by("queued_at", "order_line__order").values_list("order_line__order", flat=True)
    return list(dict.fromkeys(found))


def _who(skus: set[int], before: Order | None, without: Collection[int]) -> list[int]:
    """Grown until no other SKU that is there is waited for by one of them."""
    asked: set[int] = set()
    ids: list[int] = []
    while new := {sku for sku, _ in availability.atp(skus - asked)}:
        asked |= new
        found = waiting_for(asked, before=before)
        ids = [pk for pk in found if pk not in without][:AT_ONCE]
        skus = set(_waits(ids).values_list("sku", flat=True)) | asked
    return ids


def _facts(orders: Collection[Snapshot], wants: Mapping[int, tuple[Want, ...]]) -> dict[int, Facts]:
    entries = directory.read(timezone.now())
    there = supply.read({want.sku_id for mine in wants.values() for want in mine}, orders=list(wants))
    refused = demand.refused_before(wants)
    return {
        order.id: demand.facts_of(
            order,
            entries,
            there.stock,
            there.short,
            there.rules,
            ship_by=order.promised_ship_by,
            wants=wants[order.id],
            excluded=refused.get(order.id, {}),
        )
        for order in orders
    }


def _wants(orders: Collection[int]) -> dict[int, tuple[Want, ...]]:
    found: dict[int, tuple[Want, ...]] = {}
    rows = _waits(orders).values_list("order_line__order", "order_line", "sku", "quantity", "order_line__sku_code")
    for order, *want in rows.order_by("pk"):
        found[order] = (*found.get(order, ()), Want(*want))
    return found


def _waits(orders: Collection[int]) -> QuerySet[Backorder]:
    return WAITING.filter(order_line__order__in=orders)
