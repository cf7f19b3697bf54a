"""Parts of an order that are brought to one place first: a transfer from each place that has some, or taken back.

Call with the order locked. What arrives is `meeting`'s.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from fulfillment.models import FulfillmentOrder, Part, SourcingDecision
from fulfillment.routing.consolidation import Consolidation
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Allotment
from fulfillment.statuses import PART_MOVES, PartState
from inventory import availability, transfers
from inventory import waiting as asked
from inventory.availability import Supply
from inventory.models import Location, Sku, Transfer
from inventory.statuses import TransferState
from oms.common import states
from oms.common.locking import lock
from orders.models import Order


def send(
    order: Order,
    allotments: Iterable[Allotment],
    found: Consolidation,
    facts: Facts,
    decision: SourcingDecision,
    *,
    by: Any,
) -> list[Transfer]:
    """A planned transfer a place, which keeps its units there until they leave. Raises stock.Short."""
    away: dict[int, list[Allotment]] = {}
    for one in allotments:
        if one.location_id != found.location_id:
            away.setdefault(one.location_id, []).append(one)
    places = Location.objects.in_bulk([found.location_id, *away])
    return [
        _send(order, mine, places[origin], places[found.location_id], _due(facts, origin, found), decision, by=by)
        for origin, mine in sorted(away.items())
    ]


def _send(
    order: Order,
    allotments: list[Allotment],
    origin: Location,
    destination: Location,
    due: datetime,
    decision: SourcingDecision,
    *,
    by: Any,
) -> Transfer:
    units: dict[int, int] = {}
    for one in allotments:
        units[one.sku_id] = units.get(one.sku_id, 0) + one.quantity
    skus = Sku.objects.in_bulk(units)
    note = f"Parts of order {order.number}, which meet at {destination}."
    lines = {skus[pk]: count for pk, count in units.items()}
    transfer = transfers.create(origin, destination, lines, expected_at=due, note=note, by=by)
    Part.objects.bulk_create(
        [
            Part(
                order_line_id=one.line_id,
                sku_id=one.sku_id,
                transfer=transfer,
                decision=decision,
                quantity=one.quantity,
            )
            for one in allotments
        ]
    )
    return transfer


def _due(facts: Facts, origin: int, found: Consolidation) -> datetime:
    """When the goods leave there, and the days that the way takes."""
    leaves = next(place.leaves_at for place in facts.places if place.location_id == origin)
    return leaves + timedelta(days=facts.policy.ways[origin, found.location_id][1])


def coming(order: Order) -> QuerySet[Part]:
    rows = Part.objects.filter(order_line__order=order, state=PartState.COMING)
    return rows.select_related("sku", "transfer__origin", "transfer__destination", "decision").order_by(
        "transfer", "pk"
    )


def coming_to(works: Collection[FulfillmentOrder]) -> dict[int, str]:
    """work → why it can't be released yet, in words; without those whose parts are all there."""
    rows = Part.objects.filter(order_line__order__in={work.order_id for work in works}, state=PartState.COMING)
    rows = rows.order_by("transfer").values_list(
        "order_line__order", "transfer__destination", "transfer__origin__name", "transfer__number"
    )
    words: dict[tuple[int, int], list[str]] = {}
    for order, place, origin, number, units in rows.annotate(units=Sum("quantity")):
        words.setdefault((order, place), []).append(f"{units} from {origin} with {number}")
    found = {work.pk: words.get((work.order_id, work.location_id)) for work in works}
    return {pk: f"parts are on their way: {', '.join(told)}" for pk, told in found.items() if told}


def give_back(order: Order, units: Mapping[int, int]) -> dict[int, int]:
    """Units by order line that nobody wants any more; those of a transfer that has not left yet go first.

    What has left becomes stock where it arrives. Gives the transfers that have to change: units by transfer.
    """
    left, changed = dict(units), {}
    rows = lock(Part.objects.filter(order_line__in=units, state=PartState.COMING).select_related("transfer"))
    for part in sorted(rows, key=lambda part: (part.transfer.state != TransferState.DRAFT, -part.pk)):
        taken = min(left[part.order_line_id], part.quantity)
        if taken:
            left[part.order_line_id] -= taken
            _less(part, taken)
            changed[part.transfer_id] = changed.get(part.transfer_id, 0) + taken
    return changed


def _less(part: Part, units: int) -> None:
    if part.quantity == units:
        states.advance(part, PartState.GIVEN_UP, moves=PART_MOVES)
    else:
        part.quantity -= units
    part.save()


def take_back(order: Order, units: Mapping[int, int], *, by: Any) -> None:
    """The same with their transfers: one that has not left carries only what is still wanted, or is cancelled."""
    for transfer in Transfer.objects.filter(pk__in=give_back(order, units), state=TransferState.DRAFT).order_by("pk"):
        rows = Part.objects.filter(transfer=transfer, state=PartState.COMING).order_by()
        transfers.change(transfer, dict(rows.values_list("sku").annotate(units=Sum("quantity"))), by=by)


def supplies(sku_ids: Collection[int]) -> list[Supply]:
    """What is due and not spoken for by an order whose parts meet."""
    rows = Part.objects.filter(sku__in=sku_ids, state=PartState.COMING)
    spoken_for = set(rows.values_list("transfer__number", flat=True))
    return [supply for supply in availability.incoming(sku_ids) if supply.reference not in spoken_for]


@asked.told_by
def by_place(sku_ids: Collection[int]) -> dict[tuple[int, int | None], int]:
    """(SKU, where it goes) → units on their way to an order, so that nobody counts on them when they arrive."""
    rows = Part.objects.filter(sku__in=sku_ids, state=PartState.COMING).order_by()
    found = rows.values_list("sku", "transfer__destination").annotate(units=Sum("quantity"))
    return {(sku, location): units for sku, location, units in found}
