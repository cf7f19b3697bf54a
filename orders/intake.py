"""Take an order in, exactly once by (channel, external id), whatever is wrong with it: verification says that later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from inventory.models import Barcode, Location, Sku
from oms.common import addresses
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.numbering import next_number
from orders import customers, payments, progress, searching, signals, timeline
from orders.channels.base import ExternalLine, ExternalOrder
from orders.models import Channel, InboundMessage, Order, OrderLine
from orders.statuses import OrderState


class Conflict(Refused):
    """The same external id came before with other content."""

    code = "conflict"


@dataclass(frozen=True)
class Taken:
    """`created` is False when the order was here already, with the same content."""

    order: Order
    created: bool


def take(external: ExternalOrder, *, channel: Channel, raw: InboundMessage | None = None, by: Any) -> Taken:
    """Store it and ask for its verification. Raises Conflict when the id is known with other content."""
    known = _known(external, channel)
    if known:
        return known
    try:
        with transaction.atomic():
            order = _create(external, channel, by=by)
            if raw:
                InboundMessage.objects.filter(pk=raw.pk).update(order=order)
            crash_point("intake.stored")
    except IntegrityError as e:  # somebody took the same order in this moment
        known = _known(external, channel)
        if known is None:
            raise e
        return known
    return Taken(order, created=True)


def _known(external: ExternalOrder, channel: Channel) -> Taken | None:
    order = Order.objects.filter(channel=channel, external_id=external.external_id).first()
    if order is None:
        return None
    if order.fingerprint != external.fingerprint:
        raise Conflict(
            f"{external.external_id} of {channel} is order {order.number} already, with other content. "
            "Use a new external id for a new order, or amend the one there is.",
            number=order.number,
        )
    return Taken(order, created=False)


def _create(external: ExternalOrder, channel: Channel, *, by: Any) -> Order:
    lines = external.lines
    goods = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
    discount = sum((line.discount for line in lines), Decimal(0))
    tax = sum((line.tax for line in lines), Decimal(0))
    actor = Actor.of(by)
    order = Order(
        number=next_number("order"),
        channel=channel,
        external_id=external.external_id,
        external_version=external.version,
        fingerprint=external.fingerprint,
        customer=customers.match(name=external.customer_name, email=external.email, phone=external.phone),
        customer_name=external.customer_name or (external.shipping_address.name if external.shipping_address else ""),
        email=external.email,
        phone=external.phone,
        shipping_address=_address(external.shipping_address),
        billing_address=_address(external.billing_address),
        method=external.method,
        pickup_location=Location.objects.filter(code__iexact=external.pickup_location).first()
        if external.pickup_location
        else None,
        service_level=external.service_level,
        state=OrderState.RECEIVED,
        currency=external.currency,
        goods_total=goods,
        discount_total=discount,
        tax_total=tax,
        shipping_total=external.shipping,
        total=goods - discount + tax + external.shipping,
        placed_at=external.placed_at,
        note=external.note,
        tags=list(external.tags),
        created_by_id=actor.user_id,
    )
    order.save()
    _add_lines(order, lines)
    searching.refresh(order)
    order.save(update_fields=["search_text"])
    timeline.record(
        order,
        "order.received",
        by=by,
        subject=channel.name,
        customer_visible=True,
        external_id=external.external_id,
        total=str(order.money(order.total)),
        stated_total=None if external.total is None else str(external.total),
        promo_codes=list(external.promo_codes),
    )
    paid = external.payment
    if paid.state != "unpaid" and paid.amount:
        payments.record(order, paid.state, paid.amount, reference=paid.reference, tender=paid.tender, by=by)
    progress.recompute(order)
    signals.tell_changed(order.pk)
    return order


def _add_lines(order: Order, lines: Sequence[ExternalLine]) -> None:
    skus = find_skus([line.sku for line in lines])
    rows = []
    for position, line in enumerate(lines, start=1):
        sku = skus.get(line.sku.upper())
        rows.append(
            OrderLine(
                order=order,
                position=position,
                external_line_id=line.external_line_id,
                sku=sku,
                sku_code=sku.code if sku else line.sku,
                name=line.name or (sku.name if sku else ""),
                digital=bool(sku and sku.digital),
                unit_price=line.unit_price,
                discount=line.discount,
                tax=line.tax,
                total=line.unit_price * line.quantity - line.discount + line.tax,
                ordered=line.quantity,
            )
        )
    OrderLine.objects.bulk_create(rows)


def find_skus(codes: Sequence[str]) -> Mapping[str, Sku]:
    """Upper-case code or barcode → SKU."""
    wanted = {code.upper() for code in codes}
    found = {sku.code.upper(): sku for sku in Sku.objects.filter(code__in=wanted)}
    missing = [code for code in codes if code.upper() not in found]
    if missing:
        barcodes = Barcode.objects.filter(code__in=missing, quantity=1).select_related("sku")
        found |= {barcode.code.upper(): barcode.sku for barcode in barcodes}
    return found


def _address(postal: Any) -> Any:
    return addresses.save(addresses.normalise(postal)) if postal else None
