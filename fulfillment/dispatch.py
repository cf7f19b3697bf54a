"""The driver takes it: a shipment by scan, or everything on a manifest. Stock drops, the customer is told."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from carriers import manifests
from carriers.models import Manifest
from carriers.statuses import ManifestState
from fulfillment import following, interception, leaving, papers, work
from fulfillment.models import Shipment
from fulfillment.statuses import ShipmentState
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import retrying
from orders import holds, notifications, timeline
from orders.statuses import Verb

MOST_AT_ONCE = 200


@dataclass
class HandedOver:
    """What left, and what stayed behind with why: (number, sentence). `closing`: the carrier has not answered yet."""

    closing: bool = False
    shipments: list[Shipment] = field(default_factory=list)
    left_behind: list[tuple[str, str]] = field(default_factory=list)


def hand_over_manifest(manifest: Manifest, *, by: Any) -> HandedOver:
    """The driver takes the list: it is closed, and when the carrier agreed every shipment on it is handed over.

    A worker tells the carrier; until it has, nothing left and `closing` says so: `hand_over_closed` goes on then. What
    is held, intercepted or refused by the carrier stays behind and says so. Running it again does the rest.
    """
    _take_off_what_stays(manifest, by=by)
    manifest = manifests.close(manifest, by=by)
    crash_point("dispatch.manifest_closed")
    manifest.refresh_from_db()
    done = HandedOver(closing=not manifest.is_closed)
    if manifest.is_closed:
        for shipment in Shipment.objects.filter(manifest=manifest, state=ShipmentState.LABELLED).order_by("pk"):
            _try(shipment, done, by=by)
    return done


def hand_over_closed(*, by: Any = SYSTEM) -> int:
    """Shipments on lists that the carrier has taken. How many left."""
    waiting = Shipment.objects.filter(manifest__state=ManifestState.CLOSED, state=ShipmentState.LABELLED)
    done = HandedOver()
    for shipment in waiting.order_by("pk")[:MOST_AT_ONCE]:
        _try(shipment, done, by=by)
    return len(done.shipments)


@retrying
@transaction.atomic
def hand_over(shipment: Shipment, *, without_label: str = "", is_gone: bool = False, by: Any) -> Shipment:
    """One shipment leaves. `without_label` gives the reason why it goes without one (own van, own courier).

    `is_gone`: the carrier has it already, so no hold or intercept can keep it; whoever should put it back is too late.

    Work is completed, counters move, parcels are watched, the customer's mail and the channel's notice are queued.
    Quiet the second time.
    """
    order, mine, shipment = work.locked_shipment(shipment)
    if shipment.state == ShipmentState.HANDED_OVER:
        return shipment
    if is_gone:
        interception.all_too_late(order, mine, by=by)
    else:
        holds.require(order, Verb.SHIP)
        interception.refuse_open(mine)
    if shipment.state != ShipmentState.LABELLED and not (without_label and shipment.state == ShipmentState.SEALED):
        raise work.NotNow(f"{shipment} is {shipment.get_state_display().lower()}: it can't leave yet.")
    gone = leaving.leave(order, mine, shipment, by=by)
    following.watch(shipment)
    papers.invoice(order, shipment, by=by)
    timeline.record(
        order,
        "shipment.handed_over",
        by=by,
        subject=shipment.number,
        customer_visible=True,
        service=shipment.service_name or without_label,
        numbers=[parcel.tracking_number for parcel in shipment.parcels.all() if parcel.tracking_number],
        lines=[{"sku": line.sku.code, "units": units} for line, units in gone],
    )
    papers.announce(order, shipment)
    notifications.queue(order, "shipped", key=f"shipped:{shipment.pk}", **papers.shipped_facts(shipment))
    crash_point("dispatch.handed_over")
    work.settle_order(order, by=by)
    return shipment


def _try(shipment: Shipment, done: HandedOver, *, by: Any) -> None:
    try:
        if shipment.parcels.filter(label__manifest=None).exists():
            raise work.NotNow("The carrier refused one of its parcels. Give it another label.")
        done.shipments.append(hand_over(shipment, by=by))
    except Refused as e:
        done.left_behind.append((shipment.number, str(e)))


def _take_off_what_stays(manifest: Manifest, *, by: Any) -> None:
    """Shipments that may not leave now wait for the next list."""
    if not manifest.is_open:
        return
    for shipment in Shipment.objects.filter(manifest=manifest, state=ShipmentState.LABELLED).order_by("pk"):
        if _may_not_leave(shipment):
            with transaction.atomic():
                for parcel in shipment.parcels.select_related("label").order_by("pk"):
                    manifests.remove(parcel.label, by=by)
                Shipment.objects.filter(pk=shipment.pk).update(manifest=None)


def _may_not_leave(shipment: Shipment) -> bool:
    return bool(holds.blocks(shipment.order, Verb.SHIP) or interception.open_for(shipment.fulfillment_order).exists())
