"""Sweeps find by query whatever a lost hint left lying. Each piece of work is a verb with its own transaction."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from carriers.models import Tracker
from carriers.statuses import UNSETTLED_LABELS, LabelState
from fulfillment import shipping, sourcing, tracking
from fulfillment.models import Parcel
from fulfillment.statuses import ShipmentState
from oms.common.models import Job
from orders.models import Order, OrderLine
from orders.statuses import HoldState, OrderState

log = logging.getLogger(__name__)
MOST_AT_ONCE = 200
STALLED_AFTER = timedelta(minutes=3)  # longer than a worker may be busy with one


def route_waiting() -> int:
    """Confirmed orders with units that have no place and no backorder, the oldest first. How many were looked at."""
    unplaced = OrderLine.objects.filter(
        sku__isnull=False,
        ordered__gt=F("cancelled") + F("allocated") + F("backordered") + F("shipped"),
    )
    orders = Order.objects.filter(
        state=OrderState.CONFIRMED, hold_state=HoldState.NONE, pk__in=unplaced.values("order")
    ).order_by("placed_at", "pk")
    return _each(sourcing.route, orders.values_list("pk", flat=True)[:MOST_AT_ONCE])


def stalled_jobs(kinds: Iterable[str]) -> list[tuple[str, int]]:
    """(kind, id) of running jobs that have not moved for a while."""
    rows = Job.objects.filter(
        kind__in=list(kinds), state=Job.State.RUNNING, updated_at__lt=timezone.now() - STALLED_AFTER
    )
    return list(rows.order_by("pk").values_list("kind", "pk"))


def settle_labels() -> int:
    """Labels that are bought or refused and whose shipment has not heard of it."""
    heard = Q(label__state=LabelState.BOUGHT) & ~Q(tracking_number="")
    parcels = Parcel.objects.filter(shipment__state=ShipmentState.SEALED, label__isnull=False)
    parcels = parcels.exclude(label__state__in=UNSETTLED_LABELS).exclude(label__state=LabelState.FAILED)
    waiting = parcels.exclude(heard).order_by("pk").values_list("label", flat=True)
    return _each(shipping.settle, waiting[:MOST_AT_ONCE])


def apply_tracking() -> int:
    """Parcels that lag behind their tracker."""
    behind = Parcel.objects.filter(tracker__isnull=False).exclude(tracking_status=F("tracker__status"))
    late = Parcel.objects.filter(
        tracker__status="delivered", delivered_at=None, shipment__state=ShipmentState.HANDED_OVER
    )
    trackers = Tracker.objects.filter(Q(pk__in=behind.values("tracker")) | Q(pk__in=late.values("tracker")))
    return _each(tracking.apply, trackers.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def _each(verb: Callable[[int], object], ids: Iterable[int]) -> int:
    """One that fails does not keep the others from being done; it is loud in the log and is tried at the next sweep."""
    done = 0
    for pk in list(ids):
        try:
            verb(pk)
        except Exception:
            log.exception("%s of %s failed; the next sweep tries again", verb.__name__, pk)
        done += 1
    return done
