"""What routing has to know, read without a lock: units that want a place, and every place as it is at this moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from carriers import price_lists
from fulfillment import directory, distance
from fulfillment.directory import Entry
from fulfillment.models import FulfillmentOrder, PickTask
from fulfillment.routing.facts import Facts, Place, Want
from fulfillment.rules import reading
from fulfillment.rules.reading import Asking
from fulfillment.statuses import FulfillmentOrderState, PickTaskState, ShortReason
from inventory import availability, wishes
from inventory.models import CountedBin, Location, Sku, StockMovement
from inventory.statuses import CountedBinState, MovementKind
from oms.common.postal import PostalAddress
from orders import promises
from orders.models import Order, OrderLine
from orders.snapshots import Snapshot
from orders.statuses import Method

REJECTED = "rejected"  # how a fulfilment order's cancel_reason begins when its location refused it
SEEN_AGAIN = ("counted", "found")  # adjustments after which a place that was short is believed again
SHORT_FOR = timedelta(days=30)


def is_digital(order: Order, line: OrderLine) -> bool:
    return line.digital or order.method == Method.DIGITAL


def unplaced(order: Order) -> tuple[Want, ...]:
    """Physical units that have neither a place nor a backorder."""
    lines = order.lines.filter(sku__isnull=False).order_by("position")
    return tuple(_want(line, line.unallocated) for line in lines if not is_digital(order, line) and line.unallocated)


def facts_for(
    order: Order,
    wants: Iterable[Want],
    *,
    only: Location | None = None,
    excluded: Mapping[int, str] | None = None,
) -> Facts:
    """`only` leaves one place in, for work that a person moves; `excluded` names further places with why not."""
    wants = tuple(wants)
    skus = {want.sku_id for want in wants}
    method = Method.PICKUP if order.method == Method.PICKUP else Method.SHIP
    pickup = order.pickup_location
    grams, volumes = _measured(skus)
    seen = places(
        directory.read(timezone.now()),
        order.shipping_address.as_dataclass() if order.shipping_address else None,
        _for(order, by_location(availability.atp(skus))),
        order.promised_deliver_by,
    )
    rules = reading.in_use([order.pk], skus) if only is None else reading.Asking()  # a person may do otherwise
    return Facts(
        method=method,
        wants=wants,
        places=seen,
        currency=distance.CURRENCY,
        pickup_location_id=pickup.pk if pickup else None,
        pickup_name=pickup.name if pickup else "",
        channel_name=order.channel.name,
        allowed=_allowed(order, only),
        excluded={**({} if only else refused_before([order.pk]).get(order.pk, {})), **(excluded or {})},
        short=found_short(skus) if only is None else frozenset(),
        grams=grams,
        volumes=volumes,
        ship_by=order.promised_ship_by,
        policy=rules.policy(order, wants, grams, seen),
    )


def _for(order: Order, stock: dict[int, dict[int, int]]) -> dict[int, dict[int, int]]:
    """What was kept for the order is there for it beside what is free."""
    for (sku, location), units in wishes.held_for(wishes.holder_of(order.channel.code, order.external_id)).items():
        here = stock.setdefault(location, {})
        here[sku] = max(here.get(sku, 0), 0) + units
    return stock


def facts_of(
    order: Snapshot,
    entries: Iterable[Entry],
    stock: Mapping[int, Mapping[int, int]],
    short: frozenset[tuple[int, int]],
    rules: Asking,
    *,
    ship_by: datetime | None,
    deliver_by: datetime | None = None,
    wants: tuple[Want, ...] | None = None,
    excluded: Mapping[int, str] | None = None,
) -> Facts:
    """The same from what was read for many at once; without `wants` for an order that was never placed anywhere."""
    pickup, codes = order.pickup_location, order.channel.config.get("locations")
    if wants is None:
        wants = tuple([Want(line.id, line.sku_id, line.unallocated, line.sku_code) for line in order.lines])
    deliver_by = deliver_by or order.promised_deliver_by or promises.made(order, timezone.now())[1]
    seen = places(entries, order.shipping_address, _of(wants, stock), deliver_by)
    grams = {line.sku_id: line.weight_g for line in order.lines}
    return Facts(
        method=order.method,
        wants=wants,
        places=seen,
        currency=distance.CURRENCY,
        pickup_location_id=pickup.id if pickup else None,
        pickup_name=pickup.name if pickup else "",
        channel_name=order.channel.name,
        allowed=frozenset(entry.location_id for entry in entries if entry.code in codes) if codes else None,
        excluded=excluded or {},
        short=short,
        grams=grams,
        volumes={line.sku_id: line.volume_mm3 for line in order.lines},
        ship_by=ship_by,
        policy=rules.policy(order, wants, grams, seen),
    )


def _of(wants: Iterable[Want], stock: Mapping[int, Mapping[int, int]]) -> dict[int, dict[int, int]]:
    """The order's own piece of the stock, which stays as it was read while later orders take units off."""
    skus = {want.sku_id for want in wants}
    return {location: {sku: held[sku] for sku in skus if sku in held} for location, held in stock.items()}


COUNTED_SINCE = CountedBin.objects.filter(
    bin=OuterRef("bin"),
    counted_at__gt=OuterRef("done_at"),
    state__in=(CountedBinState.AGREED, CountedBinState.POSTED),
).filter(Q(sku=None) | Q(sku=OuterRef("sku")))


def found_short(skus: Iterable[int]) -> frozenset[tuple[int, int]]:
    """(location, sku) where a picker found too little, and nobody has counted or received it since."""
    shorts = PickTask.objects.filter(
        sku__in=set(skus), state=PickTaskState.SHORT, done_at__gte=timezone.now() - SHORT_FOR
    )
    shorts = (
        shorts.exclude(short_reason=ShortReason.DAMAGED)
        .exclude(Exists(COUNTED_SINCE))
        .values_list("pick_list__location", "sku", "done_at")
    )
    latest: dict[tuple[int, int], datetime] = {}
    for location, sku, at in shorts:
        latest[location, sku] = max(at, latest.get((location, sku), at))
    if not latest:
        return frozenset()
    seen = StockMovement.objects.filter(
        sku__in={sku for _, sku in latest},
        location__in={location for location, _ in latest},
        at__gte=min(latest.values()),
    )
    for location, sku, kind, reason, at in seen.values_list("location", "sku", "kind", "reason", "at"):
        believed = kind == MovementKind.RECEIVED or (kind == MovementKind.ADJUSTED and reason in SEEN_AGAIN)
        if believed and at > latest.get((location, sku), at):
            del latest[location, sku]
    return frozenset(latest)


def _want(line: OrderLine, units: int) -> Want:
    return Want(line.pk, line.sku_id, units, line.sku_code)


def places(
    entries: Iterable[Entry],
    destination: PostalAddress | None,
    stock: Mapping[int, Mapping[int, int]],
    deliver_by: datetime | None,
) -> tuple[Place, ...]:
    """The places as one order sees them. `stock` holds location → SKU → units that can be promised."""
    destination = destination or PostalAddress()
    return tuple([_place(entry, destination, stock.get(entry.location_id, {}), deliver_by) for entry in entries])


def _place(entry: Entry, destination: PostalAddress, stock: Mapping[int, int], deliver_by: datetime | None) -> Place:
    """Like destinations see the same place, which is made once: price lists are shared by lanes."""
    zone, priced = distance.zone(entry.address, destination), _prices(entry, destination, deliver_by)
    key = (zone, priced.late, *map(id, priced.lists))
    if key not in entry.seen:
        entry.seen[key] = _seen(entry, zone, priced)
    return entry.seen[key].holding(stock)


def _seen(entry: Entry, zone: int, priced: price_lists.Found) -> Place:
    place = Place(
        location_id=entry.location_id,
        code=entry.code,
        name=entry.name,
        stock={},
        active=entry.active,
        ships=entry.ships,
        collects=entry.collects,
        has_bins=entry.has_bins,
        zone=zone,
        parcel_cost=distance.PARCEL[zone],
        kilo_cost=distance.KILO[zone],
        prices=priced.lists,
        slow=priced.late,
        leaves_at=entry.leaves_at,
        capacity=entry.capacity_left,
        priority=entry.priority,
        load=entry.load,
    )
    for worked_out in ("fee", "written"):
        getattr(place, worked_out)  # here, once for all who look
    return place


def _prices(entry: Entry, destination: PostalAddress, deliver_by: datetime | None) -> price_lists.Found:
    """What our own rate tables ask from there to there; none where no account of ours goes."""
    book = price_lists.book(distance.CURRENCY, entry.prices_as_of)
    return book.lists(entry.address, destination, entry.leaves_at, deliver_by)


def _measured(skus: set[int]) -> tuple[dict[int, int], dict[int, int]]:
    """(grams, cubic millimetres) of one unit; 0 where nobody measured."""
    rows = Sku.objects.filter(pk__in=skus).values_list("pk", "weight_g", "length_mm", "width_mm", "height_mm")
    found = {pk: (grams, long * wide * high) for pk, grams, long, wide, high in rows}
    return {pk: grams for pk, (grams, _) in found.items()}, {pk: volume for pk, (_, volume) in found.items()}


def by_location(atp: Mapping[tuple[int, int], int]) -> dict[int, dict[int, int]]:
    stock: dict[int, dict[int, int]] = {}
    for (sku, location), units in atp.items():
        stock.setdefault(location, {})[sku] = units
    return stock


def _allowed(order: Order, only: Location | None) -> frozenset[int] | None:
    if only is not None:
        return frozenset((only.pk,))
    codes = order.channel.config.get("locations") or []
    return frozenset(Location.objects.filter(code__in=codes).values_list("pk", flat=True)) if codes else None


def refused_before(orders: Iterable[int]) -> dict[int, dict[int, str]]:
    """order → locations that rejected it, and why; a person may still send it there."""
    refused = FulfillmentOrder.objects.filter(
        order__in=orders, state=FulfillmentOrderState.CANCELLED, cancel_reason__startswith=REJECTED
    )
    found: dict[int, dict[int, str]] = {}
    for order, location, reason in refused.values_list("order", "location", "cancel_reason"):
        found.setdefault(order, {})[location] = f"has {reason}"
    return found
