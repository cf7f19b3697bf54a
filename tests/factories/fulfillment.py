"""Confirmed orders and the floor's hands: everything moves through the verbs, as people would do it."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from django.db import transaction
from django.utils import timezone
from factory.django import mute_signals

import carriers.tracking
from carriers.models import CarrierAccount, Rate, RateTable, Service, Zone
from carriers.providers.base import TrackingNews
from fulfillment import dispatch, packing, picking, shipping, sourcing, waves
from fulfillment.models import BoxType, FulfillmentOrder, PickList, PickTask, Shipment
from inventory.models import Location, Sku
from oms.accounts.models import User
from oms.common import addresses, numbering
from oms.common.actors import SYSTEM
from oms.common.addresses import PostalAddress
from orders import lifecycle, payments, progress, searching, timeline
from orders.models import Channel, Order, OrderLine
from orders.signals import order_changed, order_confirmed
from orders.statuses import Method

HAMBURG = PostalAddress(
    name="Ada Winter",
    company="",
    line1="Jungfernstieg 7",
    line2="",
    city="Hamburg",
    region="",
    postal_code="20354",
    country="DE",
    phone="+4940123456",
)
_numbers = count(1)


def person(role: str = "lead") -> User:
    number = next(_numbers)
    return User.objects.create_user(
        f"{role}{number}@example.org", name=f"{role.title()} {number}", role=role, all_locations=True
    )


def channel() -> Channel:
    return Channel.objects.get_or_create(
        code="web", defaults={"name": "Web shop", "kind": "api", "token": "token-of-web"}
    )[0]


def confirmed_order(
    wants: Mapping[Sku, int],
    *,
    method: str = Method.SHIP,
    store: Location | None = None,
    price: str = "10.00",
    tax: str = "0.00",
    shipping: str = "0.00",
    paid: bool = True,
    address: PostalAddress = HAMBURG,
    confirmed: bool = True,
    **facts,
) -> Order:
    """As verification leaves it: paid, confirmed, and no worker has heard of it. `tax` is a unit's."""
    now = timezone.now()
    goods = sum((Decimal(price) * units for units in wants.values()), Decimal(0))
    taxes = sum((Decimal(tax) * units for units in wants.values()), Decimal(0))
    total = goods + taxes + Decimal(shipping)
    order = Order.objects.create(
        **{
            "number": numbering.next_number("order"),
            "channel": channel(),
            "external_id": f"A-{next(_numbers)}",
            "customer_name": address.name,
            "email": "ada@example.org",
            "shipping_address": addresses.save(address),
            "method": method,
            "pickup_location": store,
            "currency": "EUR",
            "goods_total": goods,
            "tax_total": taxes,
            "shipping_total": Decimal(shipping),
            "total": total,
            "placed_at": now,
            "promised_ship_by": now + timedelta(days=5),
            "promised_deliver_by": now + timedelta(days=9),
            **facts,
        }
    )
    for position, (sku, units) in enumerate(wants.items(), start=1):
        OrderLine.objects.create(
            order=order,
            position=position,
            sku=sku,
            sku_code=sku.code,
            name=sku.name,
            digital=sku.digital,
            unit_price=Decimal(price),
            tax=Decimal(tax) * units,
            total=(Decimal(price) + Decimal(tax)) * units,
            ordered=units,
        )
    with mute_signals(order_confirmed, order_changed), transaction.atomic():
        timeline.record(order, "order.received", by=SYSTEM)
        if paid and total:
            payments.record(order, "paid", total, reference=f"P-{order.pk}", by=SYSTEM)
        if confirmed:
            lifecycle.confirm(order, by=SYSTEM)
    progress.recompute(order)
    searching.refresh(order)
    return order


def routed(wants: Mapping[Sku, int], **facts) -> tuple[Order, list[FulfillmentOrder]]:
    order = confirmed_order(wants, **facts)
    sourcing.route(order.pk, by=SYSTEM)
    order.refresh_from_db()
    return order, list(order.fulfillment_orders.order_by("pk"))


def released(work: FulfillmentOrder, *, by: User) -> PickList:
    waves.release(work.location, ids=[work.pk], by=by)
    work.refresh_from_db()
    return PickList.objects.filter(tasks__fulfillment_line__fulfillment_order=work).distinct().get()


def pick_stop(task: PickTask, *, by: User, tote: str) -> None:
    """Bin, every unit, tote."""
    picking.scan_bin(task, task.bin.code, by=by)
    picking.scan_item(task, task.sku.code, quantity=task.remaining, by=by)
    task.refresh_from_db()
    if picking.step(task) == "tote" and task.state == "pending":
        picking.scan_tote(task, tote, by=by)


def picked(work: FulfillmentOrder, *, by: User) -> FulfillmentOrder:
    pick_list = released(work, by=by)
    picking.claim(by, work.location, pick_list=pick_list)
    while task := picking.next_task(pick_list):
        pick_stop(task, by=by, tote=f"T-{work.pk}")
    work.refresh_from_db()
    return work


def packed(work: FulfillmentOrder, *, by: User, box: BoxType | None = None) -> Shipment:
    """All in one parcel."""
    picked(work, by=by)
    shipment = packing.start(work.number, by=by)
    for row in packing.rows(shipment):
        packing.scan(shipment, row.line.sku.code, quantity=row.remaining, by=by)
    packing.seal(shipment, box=box, by=by)
    work.refresh_from_db()
    shipment.refresh_from_db()
    return shipment


def shipped(work: FulfillmentOrder, *, by: User) -> Shipment:
    """Over the counter of our own van, so that no carrier is needed."""
    shipment = packed(work, by=by)
    dispatch.hand_over(shipment, without_label="our own van", by=by)
    work.refresh_from_db()
    shipment.refresh_from_db()
    return shipment


def labelled(work: FulfillmentOrder, account: CarrierAccount, *, service: str = "standard", by: User) -> Shipment:
    """Call where commits are real: the label is bought by a worker afterwards."""
    shipment = packed(work, by=by)
    shipping.choose(shipment, account, service, by=by)
    shipment.refresh_from_db()
    return shipment


def own_van(*, services: Mapping[str, tuple[str, int]] | None = None) -> CarrierAccount:
    """A carrier of our own rate tables: {service: (price, days)}, everywhere, up to 30 kg."""
    account = CarrierAccount.objects.create(name=f"Own van {next(_numbers)}", provider="manual")
    zone = Zone.objects.create(account=account, name="Everywhere", countries=["*"])
    for code, (price, days) in (services or {"standard": ("4.90", 3), "express": ("12.00", 1)}).items():
        service = Service.objects.create(
            account=account, code=code, name=code.title(), transit_min_days=1, transit_max_days=days
        )
        table = RateTable.objects.create(service=service, valid_from=date(2020, 1, 1))
        Rate.objects.create(table=table, zone=zone, max_weight_g=30_000, price=Decimal(price))
    return account


def news(shipment: Shipment, status: str, *, hours: int = 0, **facts) -> None:
    """The carrier tells of the shipment's first parcel."""
    tracker = shipment.parcels.get(position=1).tracker
    at = timezone.now() + timedelta(hours=hours)
    carriers.tracking.record(tracker, [TrackingNews(at=at, status=status, text=status.replace("_", " "), **facts)])
