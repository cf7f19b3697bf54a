"""What routing has to know, read without a lock: units that want a place, and every place as it is at this moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Count, F, Sum
from django.utils import timezone

from fulfillment import distance
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, PickTask
from fulfillment.routing.facts import Facts, Place, Want
from fulfillment.statuses import LIVE_STATES, FulfillmentOrderState, PickTaskState, ShortReason
from inventory import availability
from inventory.models import Bin, Location, Sku, StockMovement
from inventory.statuses import BinKind, MovementKind
from oms.common.postal import PostalAddress
from orders.models import Order, OrderLine
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
    return Facts(
        method=method,
        wants=wants,
        places=_places(order, skus),
        currency=distance.CURRENCY,
        pickup_location_id=pickup.pk if pickup else None,
        pickup_name=pickup.name if pickup else "",
        channel_name=order.channel.name,
        allowed=_allowed(order, only),
        excluded={**_refused_before(order, only), **(excluded or {})},
        short=found_short(skus) if only is None else frozenset(),
        grams=dict(Sku.objects.filter(pk__in=skus).values_list("pk", "weight_g")),
        ship_by=order.promised_ship_by,
    )


def found_short(skus: Iterable[int]) -> frozenset[tuple[int, int]]:
    """(location, sku) where a picker found too little, and nobody has counted or received it since."""
    shorts = PickTask.objects.filter(
        sku__in=set(skus), state=PickTaskState.SHORT, done_at__gte=timezone.now() - SHORT_FOR
    )
    shorts = shorts.exclude(short_reason=ShortReason.DAMAGED).values_list("pick_list__location", "sku", "done_at")
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


def leaves_at(location: Location, now: datetime) -> datetime:
    """The next cut-off on the location's clock, on a working day."""
    local = now.astimezone(location.zone)
    day = local.date() if local.time() <= location.cut_off else local.date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, location.cut_off, tzinfo=location.zone)


def _want(line: OrderLine, units: int) -> Want:
    return Want(line.pk, line.sku_id, units, line.sku_code)


def _places(order: Order, skus: set[int]) -> tuple[Place, ...]:
    now = timezone.now()
    stock: dict[int, dict[int, int]] = {}
    for (sku, location), units in availability.atp(skus).items():
        stock.setdefault(location, {})[sku] = units
    with_bins = set(Bin.objects.filter(kind=BinKind.SHELF).values_list("location_id", flat=True).distinct())
    loads = _loads()
    destination = order.shipping_address.as_dataclass() if order.shipping_address else PostalAddress()
    places = []
    for location in Location.objects.select_related("address").order_by("-priority", "pk"):
        zone = distance.zone(location.address.as_dataclass(), destination)
        places.append(
            Place(
                location_id=location.pk,
                code=location.code,
                name=location.name,
                stock=stock.get(location.pk, {}),
                active=location.active,
                ships=location.ships,
                collects=location.collects,
                has_bins=location.pk in with_bins,
                zone=zone,
                parcel_cost=distance.PARCEL[zone],
                kilo_cost=distance.KILO[zone],
                leaves_at=leaves_at(location, now),
                capacity=_capacity_left(location, now),
                priority=location.priority,
                load=loads.get(location.pk, 0),
            )
        )
    return tuple(places)


def _loads() -> dict[int, int]:
    waiting = FulfillmentOrderLine.objects.filter(
        fulfillment_order__state__in=LIVE_STATES, quantity__gt=F("packed"), fulfillment_order__location__isnull=False
    )
    return dict(waiting.values_list("fulfillment_order__location").annotate(lines=Count("pk")))


def _capacity_left(location: Location, now: datetime) -> int | None:
    """Units it can still take today, on its own clock."""
    if location.capacity is None:
        return None
    midnight = now.astimezone(location.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = FulfillmentOrderLine.objects.filter(
        fulfillment_order__location=location, fulfillment_order__created_at__gte=midnight
    ).aggregate(units=Sum("quantity"))["units"]
    return location.capacity - (taken or 0)


def _allowed(order: Order, only: Location | None) -> frozenset[int] | None:
    if only is not None:
        return frozenset((only.pk,))
    codes = order.channel.config.get("locations") or []
    return frozenset(Location.objects.filter(code__in=codes).values_list("pk", flat=True)) if codes else None


def _refused_before(order: Order, only: Location | None) -> dict[int, str]:
    """Locations that rejected this order; a person may still send it there."""
    if only is not None:
        return {}
    refused = FulfillmentOrder.objects.filter(
        order=order, state=FulfillmentOrderState.CANCELLED, cancel_reason__startswith=REJECTED
    )
    return {work.location_id: f"has {work.cancel_reason}" for work in refused}
