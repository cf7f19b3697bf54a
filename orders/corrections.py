"""Put right what a received order came with: address, contact, the SKU a line means. Each is verified at once.

A confirmed order is amended instead, one floor higher, because work may have begun on it.
"""

from typing import Any

from django.db import transaction

from inventory.models import Sku
from oms.common import addresses
from oms.common.addresses import PostalAddress
from oms.common.errors import Refused
from oms.common.locking import lock
from orders import customers, holds, searching, timeline, verification
from orders.customers import Buyer
from orders.models import Hold, Order, OrderLine
from orders.statuses import HoldType, OrderState


class TooLate(Refused):
    """The order is confirmed: amend it instead."""

    code = "too_late_to_correct"


@transaction.atomic
def correct_address(order: Order, postal: PostalAddress, *, sure: bool = False, by: Any) -> Order:
    """`sure`: the customer has said that it is right, whatever the rules find unusual about it."""
    order = _locked(order)
    before = str(order.shipping_address.as_dataclass()) if order.shipping_address else ""
    order.shipping_address = addresses.save(postal)
    _save(order, "shipping_address")
    after = str(order.shipping_address.as_dataclass())
    timeline.record(order, "address.corrected", by=by, before={"address": before}, after={"address": after})
    order = verification.recheck(order.pk, by=by)
    hold = Hold.objects.filter(order=order, type=HoldType.ADDRESS, state=Hold.State.ACTIVE).first()
    if sure and hold:
        holds.resolve(hold, note="The customer has confirmed the address", by=by)
        order = verification.recheck(order.pk, by=by)
    return order


@transaction.atomic
def correct_contact(order: Order, *, name: str, email: str, phone: str, by: Any) -> Order:
    order = _locked(order)
    before = {"name": order.customer_name, "email": order.email, "phone": order.phone}
    order.customer_name, order.email, order.phone = name or order.customer_name, email, phone
    order.customer_id = customers.match([Buyer(order.customer_name, email, phone)])[0]
    _save(order, "customer_name", "email", "phone", "customer")
    after = {"name": order.customer_name, "email": email, "phone": phone}
    changed = [key for key in after if after[key] != before[key]]
    timeline.record(
        order,
        "contact.corrected",
        by=by,
        before={key: before[key] for key in changed},
        after={key: after[key] for key in changed},
    )
    return verification.recheck(order.pk, by=by)


@transaction.atomic
def map_sku(line: OrderLine, sku: Sku, *, by: Any) -> Order:
    """The line means this SKU of ours. Its money stays as it came."""
    order = _locked(line.order)
    line.refresh_from_db()
    before = line.sku_code
    line.sku, line.sku_code, line.digital = sku, sku.code, sku.digital
    line.name = line.name or sku.name
    line.save(update_fields=["sku", "sku_code", "digital", "name"])
    _save(order)
    timeline.record(order, "line.mapped", by=by, before={"sku": before}, after={"sku": sku.code})
    return verification.recheck(order.pk, by=by)


def _locked(order: Order) -> Order:
    order = lock(Order.objects.filter(pk=order.pk))[0]
    if order.state != OrderState.RECEIVED:
        raise TooLate(f"{order} is {order.get_state_display().lower()}: amend it instead.")
    return order


def _save(order: Order, *fields: str) -> None:
    order.version += 1
    searching.refresh(order)
    order.save(update_fields=[*fields, "version"])
