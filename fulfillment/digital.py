"""Digital lines: the right to fetch them is granted and mailed at once. No stock is touched."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import get_random_string

from fulfillment import work
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine
from fulfillment.statuses import FULFILLMENT_MOVES, FulfillmentOrderState
from inventory.models import Download
from oms.common import numbering, states
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import holds, notifications, progress, timeline
from orders.models import DigitalGrant, Order, OrderLine
from orders.statuses import Method, OrderState, Verb


class NoGrant(Refused):
    """This link is not valid any more."""

    code = "no_grant"
    status = 404


@retrying
@transaction.atomic
def deliver(order_id: int, *, by: Any = SYSTEM) -> FulfillmentOrder | None:
    """Grant and mail what the order's digital lines sold. Quiet when nothing (more) is to do, or a hold waits."""
    order = lock(Order.objects.filter(pk=order_id))[0]
    lines = [line for line in lock(OrderLine.objects.filter(order=order)) if _wants(order, line)]
    if not lines or order.state != OrderState.CONFIRMED or holds.blocks(order, Verb.SHIP):
        return None
    done = _complete(order, lines)
    grants = [
        DigitalGrant.objects.create(line=line, token=get_random_string(40), quantity=line.unallocated) for line in lines
    ]
    units = {line.pk: line.unallocated for line in lines}
    for record in (
        progress.record_allocated,
        progress.record_picked,
        progress.record_packed,
        progress.record_shipped,
        progress.record_delivered,
    ):
        record(order, units, by=by)
    timeline.record(
        order,
        "digital.delivered",
        by=by,
        subject=done.number,
        customer_visible=True,
        lines=[{"sku": line.sku_code, "units": units[line.pk]} for line in lines],
    )
    notifications.queue(order, "digital", key=f"digital:{done.pk}", grants=[grant.token for grant in grants])
    work.settle_order(order, by=by)
    return done


def find(token: str) -> DigitalGrant:
    """What the customer's link leads to. Raises NoGrant when it is unknown or revoked."""
    grant = DigitalGrant.objects.filter(token=token, revoked_at=None).select_related("line__sku").first()
    if grant is None:
        raise NoGrant
    return grant


@transaction.atomic
def fetch(token: str) -> Download:
    """The file, and the fetch is counted. Raises NoGrant, also while the SKU has no file yet."""
    grant = find(token)
    download = Download.objects.filter(sku=grant.line.sku_id).first()
    if download is None:
        raise NoGrant("The file is not there yet. Try the link again later.")
    DigitalGrant.objects.filter(pk=grant.pk).update(fetched=F("fetched") + 1)
    return download


@retrying
@transaction.atomic
def revoke(grant: DigitalGrant, *, by: Any) -> None:
    order = lock(Order.objects.filter(lines=grant.line_id))[0]
    grant = lock(DigitalGrant.objects.filter(pk=grant.pk))[0]
    if grant.revoked_at is None:
        grant.revoked_at = timezone.now()
        grant.save(update_fields=["revoked_at"])
        timeline.record(order, "digital.revoked", by=by, subject=grant.line.sku_code)


def _wants(order: Order, line: OrderLine) -> bool:
    return (line.digital or order.method == Method.DIGITAL) and line.sku_id is not None and line.unallocated > 0


def _complete(order: Order, lines: list[OrderLine]) -> FulfillmentOrder:
    done = FulfillmentOrder(
        number=numbering.next_number("fulfillment"), order=order, method=Method.DIGITAL, priority=order.priority
    )
    states.advance(done, FulfillmentOrderState.COMPLETED, moves=FULFILLMENT_MOVES)
    done.completed_at = timezone.now()
    done.save()
    FulfillmentOrderLine.objects.bulk_create(
        FulfillmentOrderLine(
            fulfillment_order=done,
            order_line=line,
            sku_id=line.sku_id,
            **dict.fromkeys(("quantity", "picked", "packed", "shipped", "delivered"), line.unallocated),
        )
        for line in lines
    )
    return done
