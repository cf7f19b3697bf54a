"""From an order as a channel sends it to the doorstep: real intake, verification, tasks, floor, carrier, tracking."""

from dataclasses import asdict, replace
from decimal import Decimal

import pytest
from django.utils import timezone

from carriers.models import CarrierAccount, Manifest
from fulfillment import amendments, dispatch, packing, picking, shipping, waves
from fulfillment.amendments import Action, Kind
from fulfillment.models import PickList
from inventory.models import Location, Sku
from orders import holds, intake, verification
from orders.channels.base import ExternalLine, ExternalOrder, ExternalPayment
from orders.models import Order
from tests.factories.fulfillment import HAMBURG, channel, news, own_van, person, pick_stop
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment import books
from tests.inventory.books import bins, level

pytestmark = pytest.mark.django_db(transaction=True)


def arrives(lines: dict[Sku, int], number: str = "A-1001", **facts) -> Order:
    """As the web shop sends it: 19 % tax, paid, 4.90 shipping."""
    rows = [
        ExternalLine(sku.code, units, Decimal("10.00"), tax=Decimal("1.90") * units) for sku, units in lines.items()
    ]
    total = sum((row.unit_price * row.quantity + row.tax for row in rows), Decimal("4.90"))
    given = {
        "customer_name": "Ada Winter",
        "email": "ada@example.org",
        "shipping_address": HAMBURG,
        "shipping": Decimal("4.90"),
        "total": total,
        "payment": ExternalPayment("paid", total, reference=f"PAY-{number}"),
    }
    external = ExternalOrder(number, timezone.now(), "EUR", rows, **(given | facts))
    return intake.take(external, channel=channel(), by=person("agent")).order


def walk(location: Location, picker) -> None:
    """Get work until there is none."""
    while pick_list := picking.claim(picker, location):
        while task := picking.next_task(pick_list):
            pick_stop(task, by=picker, tote=f"T-{pick_list}")


def pack_and_label(location: Location, packer) -> None:
    for pick_list in PickList.objects.filter(location=location, state="done").order_by("pk"):
        shipment = packing.start(f"T-{pick_list}", location=location, by=packer)
        for row in packing.rows(shipment):
            packing.scan(shipment, row.line.sku.code, quantity=row.remaining, by=packer)
        packing.seal(shipment, by=packer)
        choice = shipping.offers(shipment).preselected
        account = CarrierAccount.objects.get(pk=choice.offer.account_id)
        shipping.choose(shipment, account, choice.offer.service_code, offer=choice.offer, by=packer)


def test_an_order_from_the_channel_to_the_door():
    berlin, mug, lamp = LocationFactory(code="BER"), SkuFactory(code="MUG"), SkuFactory(code="LAMP")
    put(mug, berlin, 10, shelf="A-03")
    put(lamp, berlin, 10, shelf="A-01")
    own_van()

    order = arrives({mug: 2, lamp: 1})
    order.refresh_from_db()
    after_intake = (order.state, order.fulfillment_state, books.work(order))
    waves.release(berlin, by=person())
    walk(berlin, person("picker"))
    pack_and_label(berlin, person("packer"))
    dispatch.hand_over_manifest(Manifest.objects.get(), by=person("packer"))
    order.refresh_from_db()
    after_dispatch = (order.state, order.fulfillment_state)
    for hours, status in enumerate(["in_transit", "out_for_delivery", "delivered"]):
        news(order.shipments.get(), status, hours=hours)
    order.refresh_from_db()

    assert after_intake == ("confirmed", "allocated", [("BER", "open", 3)])
    assert after_dispatch == ("confirmed", "shipped")
    assert (order.state, order.fulfillment_state, order.payment_state) == ("closed", "delivered", "paid")
    assert (bins(mug, berlin), level(lamp, berlin)) == ({"A-03": 8}, {"on_hand": 9, "available": 9})
    assert books.verbs(order) == [
        "order.received",
        "payment.received",
        "order.confirmed",
        "order.routed",
        "fulfillment.released",
        "fulfillment.started",
        "fulfillment.picked",
        "parcel.sealed",
        "fulfillment.packed",
        "label.requested",
        "document.issued",
        "shipment.labelled",
        "shipment.handed_over",
        "parcel.moved",
        "parcel.moved",
        "parcel.moved",
        "parcel.delivered",
        "order.closed",
    ]
    assert list(order.mails.order_by("pk").values_list("kind", flat=True)) == [
        "confirmed",
        "shipped",
        "out_for_delivery",
        "delivered",
    ]
    assert books.breaches() == {}


def test_a_held_order_waits_until_somebody_released_it():
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    put(mug, berlin, 10)

    order = arrives({mug: 1}, payment=ExternalPayment("unpaid"))
    before = (Order.objects.get().state, books.work(order))
    hold = order.holds.get()
    holds.resolve(hold, note="customer pays on account", by=person("agent"))
    verification.verify(order.pk, by=person("agent"))

    assert before == ("received", [])
    assert books.work(order) == [("BER", "open", 1)]
    assert books.breaches() == {}


def test_an_order_whose_address_is_put_right_goes_on_by_itself():
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    put(mug, berlin, 10)

    order = arrives({mug: 1}, shipping_address=replace(HAMBURG, postal_code="12"))
    before = [hold.type for hold in holds.active(order)]
    amendments.amend(order, [Action(Kind.SET_ADDRESS, asdict(HAMBURG))], by=person("agent"))

    assert before == ["address"]
    assert books.work(order) == [("BER", "open", 1)]
    assert books.breaches() == {}
