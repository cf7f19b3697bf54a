"""The driver takes it: a shipment by scan, or everything on a manifest. Stock drops, the customer is told."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from carriers import manifests
from carriers.models import Manifest
from fulfillment import following, interception, leaving, papers, work
from fulfillment.models import Shipment
from fulfillment.statuses import ShipmentState
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import retrying
from orders import notifications, timeline
from orders.statuses import Verb


@dataclass
class HandedOver:
    """What left, and what stayed behind with why: (number, sentence)."""

    shipments: list[Shipment] = field(default_factory=list)
    left_behind: list[tuple[str, str]] = field(default_factory=list)


def hand_over_manifest(manifest: Manifest, *, by: Any) -> HandedOver:
    """Close the list with the carrier, then every shipment on it is handed over in a transaction of its own.

    A shipment that is held, intercepted or refused by the carrier stays and says so. Running it again does the rest.
    """
    waiting = list(Shipment.objects.filter(manifest=manifest, state=ShipmentState.LABELLED).order_by("pk"))
    manifests.close(manifest, by=by)
    crash_point("dispatch.manifest_closed")
    done = HandedOver()
    for shipment in waiting:
        try:
            done.shipments.append(hand_over(shipment, by=by))
        except Refused as e:
            done.left_behind.append((shipment.number, str(e)))
    return done


@retrying
@transaction.atomic
def hand_over(shipment: Shipment, *, without_label: str = "", by: Any) -> Shipment:
    """One shipment leaves. `without_label` gives the reason why it goes without one (own van, own courier).

    Work is completed, counters move, parcels are watched, the customer's mail and the channel's notice are queued.
    Quiet the second time.
    """
    order, mine, shipment = work.locked_shipment(shipment)
    if shipment.state == ShipmentState.HANDED_OVER:
        return shipment
    work.refuse_held(order, Verb.SHIP)
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
