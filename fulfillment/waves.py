"""Work goes to the floor: fulfilment orders that leave by one cut-off, each with its pick list in walking order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from fulfillment import parts, settling, walking, work
from fulfillment.binning import Books, Give, Shelf
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, PickList, PickTask, Wave
from fulfillment.statuses import FULFILLMENT_MOVES, FulfillmentOrderState, PickTaskState
from inventory.models import Bin, BinStock, Location
from inventory.statuses import PICKABLE, BinKind
from inventory.stock import ledger
from oms.common import numbering, states
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import holds, timeline
from orders.models import Order
from orders.statuses import HoldState, Method, OrderState, Verb

MOST_AT_ONCE = 200
NO_STOP = 1_000_000  # goods that are not put away yet are fetched last
Stop = tuple[FulfillmentOrderLine, Give]


class NothingToRelease(Refused):
    """Nothing is ready to be released."""

    code = "nothing_to_release"


@dataclass
class Released:
    """The wave, and what stayed behind with why: (number, sentence)."""

    wave: Wave
    fulfillment_orders: list[FulfillmentOrder] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def candidates(location: Location, *, cutoff_at: datetime | None = None) -> QuerySet[FulfillmentOrder]:
    """Open work of the location that must leave by the cut-off (or has no date), the most urgent first.

    Work of held orders is among them; `order.hold_state` tells, and `release` leaves it out and says so.
    """
    rows = FulfillmentOrder.objects.filter(
        location=location, state=FulfillmentOrderState.OPEN, order__state=OrderState.CONFIRMED
    ).exclude(method=Method.DIGITAL)
    rows = rows.filter(location__supplier=None)  # suppliers pick themselves
    if cutoff_at is not None:
        rows = rows.filter(Q(ship_by__lte=cutoff_at) | Q(ship_by=None))
    return rows.select_related("order").order_by("-priority", F("ship_by").asc(nulls_last=True), "pk")


def summary(location: Location, *, cutoff_at: datetime | None = None) -> dict[str, int]:
    """Counts for the page: orders, units, held."""
    rows = candidates(location, cutoff_at=cutoff_at)
    units = FulfillmentOrderLine.objects.filter(fulfillment_order__in=rows.values("pk")).aggregate(n=Sum("quantity"))
    held = rows.filter(order__hold_state=HoldState.HELD).count()
    return {"orders": rows.count(), "units": units["n"] or 0, "held": held}


@retrying
@transaction.atomic
def release(
    location: Location, *, cutoff_at: datetime | None = None, ids: Collection[int] | None = None, by: Any
) -> Released:
    """Make a wave of what is ready (at most 200; `ids` chooses). Raises NothingToRelease when all of it must wait."""
    rows = candidates(location, cutoff_at=cutoff_at)
    wanted = list((rows if ids is None else rows.filter(pk__in=ids)).values_list("pk", flat=True)[:MOST_AT_ONCE])
    ready, left_out = _ready(wanted)
    lines = _lines(ready)
    books = _books(location, {line.sku_id for line in lines})
    wave = Wave(
        number=numbering.next_number("wave"),
        location=location,
        cutoff_at=cutoff_at,
        released_by=Actor.of(by).label,
    )
    released = Released(wave, left_out=left_out)
    for order, mine in ready:
        stops = _stops([line for line in lines if line.fulfillment_order_id == mine.pk], books)
        if stops is None:
            released.left_out.append((mine.number, "the bins hold less than was promised; count them"))
            continue
        _to_the_floor(order, mine, stops, released, by=by)
    if not released.fulfillment_orders:
        why = "; ".join(f"{number}: {told}" for number, told in released.left_out[:5])
        raise NothingToRelease(f"Nothing can be released. {why}." if why else "", left_out=released.left_out)
    crash_point("wave.released")
    return released


@retrying
@transaction.atomic
def recall(fulfillment_order: FulfillmentOrder, *, by: Any) -> FulfillmentOrder:
    """Take released work that nobody has begun off the floor again."""
    order, mine = work.locked(fulfillment_order)
    lines = work.lines_of(mine)
    if mine.state != FulfillmentOrderState.RELEASED or any(line.picked for line in lines):
        raise work.NotNow(f"{mine} is {mine.get_state_display().lower()} and can't be recalled.")
    for task in lock(PickTask.objects.filter(fulfillment_line__in=lines, state=PickTaskState.PENDING)):
        settling.end_task(task)
        task.save()
    settling.settle_lists(mine)
    states.advance(mine, FulfillmentOrderState.OPEN, moves=FULFILLMENT_MOVES)
    mine.wave, mine.released_at = None, None
    mine.save()
    timeline.record(order, "fulfillment.recalled", by=by, subject=mine.number)
    return mine


def _ready(wanted: list[int]) -> tuple[list[tuple[Order, FulfillmentOrder]], list[tuple[str, str]]]:
    """Orders, then work, locked; what a hold stops is left out with its sentence."""
    orders = {order.pk: order for order in lock(Order.objects.filter(pk__in=_orders_of(wanted)))}
    ready, left_out = [], []
    works = lock(FulfillmentOrder.objects.filter(pk__in=wanted).select_related("location"))
    coming = parts.coming_to(works)
    for mine in works:
        order = orders[mine.order_id]
        if mine.state != FulfillmentOrderState.OPEN:
            continue
        if blocking := holds.blocks(order, Verb.RELEASE):
            left_out.append((mine.number, f"{order} is on hold: {blocking[0].get_type_display()}"))
        elif mine.pk in coming:
            left_out.append((mine.number, coming[mine.pk]))
        else:
            ready.append((order, mine))
    return ready, left_out


def _orders_of(wanted: list[int]) -> QuerySet:
    return FulfillmentOrder.objects.filter(pk__in=wanted).values("order")


def _lines(ready: Iterable[tuple[Order, FulfillmentOrder]]) -> list[FulfillmentOrderLine]:
    rows = FulfillmentOrderLine.objects.filter(fulfillment_order__in=[mine.pk for _, mine in ready])
    return lock(rows.filter(quantity__gt=F("picked")).select_related("sku"))


def books_of(
    location: Location, skus: Collection[int], *, without: int | None = None, but_lots: Collection[int] = ()
) -> Books:
    """What the bins hold beyond what open pick tasks want of them; `without` leaves a bin out, `but_lots` lots."""
    wanted: dict[tuple[int, int, int | None], int] = {}
    tasks = PickTask.objects.filter(state=PickTaskState.PENDING, sku__in=skus, bin__location=location)
    for *place, quantity, picked in tasks.values_list("bin", "sku", "lot", "quantity", "picked"):
        wanted[tuple(place)] = wanted.get(tuple(place), 0) + quantity - picked
    shelves: dict[int, list[Shelf]] = {}
    rows = BinStock.objects.filter(sku__in=skus, bin__location=location, bin__kind__in=PICKABLE, quantity__gt=0)
    rows = rows.exclude(bin=without).exclude(lot__expires_on__lt=timezone.localdate())
    rows = rows.exclude(lot__in=but_lots) if but_lots else rows
    for bin_id, sku, lot, units, kind, place, expires in rows.values_list(
        "bin", "sku", "lot", "quantity", "bin__kind", "bin__pick_sequence", "lot__expires_on"
    ):
        free = units - wanted.get((bin_id, sku, lot), 0)
        shelves.setdefault(sku, []).append(Shelf(bin_id, free, place, kind != BinKind.SHELF, lot, expires))
    return Books(shelves)


def _books(location: Location, skus: set[int]) -> Books:
    """Read under the levels' locks, so that two waves never count on the same units in a bin."""
    ledger.lock_levels({(sku, location.pk) for sku in skus})
    return books_of(location, skus)


def _stops(lines: list[FulfillmentOrderLine], books: Books) -> list[Stop] | None:
    """One for every unit to pick, or None when the bins hold too little."""
    stops = []
    for line in lines:
        wanted = line.quantity - line.picked
        chosen = books.take(line.sku_id, wanted)
        if sum(give.units for give in chosen) < wanted:
            return None
        stops += [(line, give) for give in chosen]
    return stops


def _to_the_floor(
    order: Order,
    mine: FulfillmentOrder,
    stops: list[Stop],
    released: Released,
    *,
    by: Any,
) -> None:
    wave = released.wave
    if wave.pk is None:
        wave.save()
    states.advance(mine, FulfillmentOrderState.RELEASED, moves=FULFILLMENT_MOVES)
    mine.wave, mine.released_at = wave, timezone.now()
    mine.save()
    _list_for(mine, stops)
    released.fulfillment_orders.append(mine)
    timeline.record(order, "fulfillment.released", by=by, subject=mine.number, wave=wave.number)


def _list_for(mine: FulfillmentOrder, stops: list[Stop]) -> PickList:
    pick_list = PickList.objects.create(
        number=numbering.next_number("pick_list"),
        wave=mine.wave,
        location=mine.location,
        priority=mine.priority,
        ship_by=mine.ship_by,
    )
    turns = turns_of({give.bin_id for _, give in stops})
    PickTask.objects.bulk_create(
        PickTask(
            pick_list=pick_list,
            fulfillment_line=line,
            sku_id=line.sku_id,
            bin_id=give.bin_id,
            lot_id=give.lot_id,
            sequence=turns[give.bin_id],
            quantity=give.units,
        )
        for line, give in stops
    )
    return pick_list


def lead_on(task: PickTask, gives: Collection[Give]) -> None:
    """New stops of the same walk behind the others, for units that a stop does not have."""
    turns = turns_of({give.bin_id for give in gives})
    last = task.pick_list.tasks.order_by("-sequence").values_list("sequence", flat=True).first()
    PickTask.objects.bulk_create(
        PickTask(
            pick_list=task.pick_list,
            fulfillment_line_id=task.fulfillment_line_id,
            sku_id=task.sku_id,
            bin_id=give.bin_id,
            lot_id=give.lot_id,
            sequence=last + turns[give.bin_id],
            quantity=give.units,
        )
        for give in gives
    )


def turns_of(bin_ids: Collection[int]) -> dict[int, int]:
    """bin → its turn in the walk; goods that are not put away yet come last."""
    bins = Bin.objects.filter(pk__in=bin_ids)
    shelves = [walking.Stop(b.pk, b.code, b.pick_sequence) for b in bins if b.kind == BinKind.SHELF]
    return {b.pk: NO_STOP for b in bins} | walking.numbered(shelves)
