"""Orders that were delivered, and returns as far as a test wants them, all through the verbs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from carriers.models import CarrierAccount
from fulfillment import dispatch
from inventory.models import Location, Sku
from oms.accounts.models import User
from orders.models import Order
from returns import authorisation, inspection, receiving
from returns.eligibility import Want
from returns.models import Return, ReturnPolicy
from tests.factories.fulfillment import labelled, news, own_van, routed
from tests.factories.inventory import put


def policy(**facts: Any) -> ReturnPolicy:
    """In force since last year."""
    given = {"name": "Usual", "valid_from": timezone.now() - timedelta(days=365)}
    return ReturnPolicy.objects.create(**(given | facts))


def delivered(
    wants: Mapping[Sku, int], *, at: Location, by: User, van: CarrierAccount | None = None, **facts: Any
) -> Order:
    """Through the floor and to the door. Call where commits are real."""
    for sku, units in wants.items():
        put(sku, at, units)
    order, (work,) = routed(wants, **facts)
    shipment = labelled(work, van or own_van(), by=by)
    dispatch.hand_over(shipment, by=by)
    shipment.refresh_from_db()
    news(shipment, "delivered")
    order.refresh_from_db()
    return order


def asked(order: Order, *, by: User, reason: str = "not_wanted", **units: int) -> Return:
    """asked(order, MUG=2): a return by SKU codes; all that can come back when none is named."""
    lines = {line.sku_code: line for line in order.lines.all()}
    units = units or {code: line.delivered - line.return_authorised for code, line in lines.items()}
    wants = [Want(lines[code].pk, count, reason) for code, count in units.items()]
    rma = authorisation.request(order, wants, by=by)
    rma.refresh_from_db()
    return rma


def received(rma: Return, *, by: User) -> Return:
    """Every unit scanned, the parcel empty."""
    for line in rma.lines.select_related("order_line"):
        receiving.scan(rma, line.order_line.sku_code, quantity=line.expected, by=by)
    return receiving.finish(rma, by=by)


def inspected(rma: Return, *, by: User, disposition: str = "restock") -> Return:
    """All of it accepted."""
    for line in received(rma, by=by).lines.all():
        inspection.inspect(line, quantity=line.undecided, disposition=disposition, by=by)
    rma.refresh_from_db()
    return rma
