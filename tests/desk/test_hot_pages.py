"""The pages that are open all day ask exactly so many questions, of three rows as of many."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fulfillment.models import Backorder, Parcel
from inventory import reservations, stock
from inventory.models import Barcode, Sku, StockLevel
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from orders import notes, payments
from orders.models import Hold, Order
from returns.models import Refund
from tests.desk.test_queries import copies
from tests.factories.fulfillment import confirmed_order, own_van, packed, person, routed, shipped
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.returns import asked as returning
from tests.factories.returns import delivered, inspected, policy

FEW, MANY = 3, 12


@pytest.fixture
def admin(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("a@example.com", None, name="A", role="admin", all_locations=True))
    return client


def questions(client: Client, page: str) -> int:
    """The second look: the first one fills what a process remembers."""
    part = {"HX-Request": "true"} if page.startswith("/search/") else {}
    assert client.get(page, headers=part).status_code == 200
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        client.get(page, headers=part)
    return len(asked)


def eventful(lead: User, count: int) -> Order:
    """An order with everything: lines, work, parcels, short units, holds, money in and out, notes, a return."""
    berlin = LocationFactory(code=f"B{count}")
    goods = [SkuFactory() for _ in range(count)]
    for sku in goods:
        put(sku, berlin, 1)
    order = delivered(dict.fromkeys(goods, 1), at=berlin, by=lead)
    inspected(returning(order, by=lead), by=lead)
    refund = Refund(order=order, origin="manual", amount=1, reason="Late", actor_label="Lead", key="")
    copies(refund, count, key=lambda n: f"{order.number}-{n}")
    for n in range(count):
        notes.add(order, f"Note {n}", by=lead)
        payments.record(order, "paid", Decimal(1), reference=f"{order.number}-P{n}", by=SYSTEM)
    short = Backorder(sku=goods[0], quantity=1, cause="out of stock", queued_at=timezone.now())
    line_ids = list(order.lines.order_by("pk").values_list("pk", flat=True))
    hold = Hold(order=order, type="review", reason="Look", owner=lead, placed_by_label="Lead")
    copies(hold, count, line_id=lambda n: line_ids[n])
    copies(short, count, order_line_id=lambda n: line_ids[n], location_id=lambda n: berlin.pk)
    return order


@pytest.mark.django_db(transaction=True)
def test_an_order_with_everything(admin):
    policy()
    lead = person()
    few, many = eventful(lead, FEW), eventful(lead, MANY)

    assert questions(admin, few.get_absolute_url()) == questions(admin, many.get_absolute_url()) == 9


def test_an_order_of_today(admin, mug, berlin):
    put(mug, berlin, 5)
    order, _ = routed({mug: 1})

    assert questions(admin, order.get_absolute_url()) == 7


def stocked(code: str, count: int, lead: User) -> Sku:
    """In so many places, with barcodes, kept back, promised, waited for and moved."""
    sku = SkuFactory(code=code)
    for n in range(count):
        place = LocationFactory(code=f"{code}{n}")
        put(sku, place, 9)
        Barcode.objects.create(sku=sku, code=f"{code}-{n}")
        reservations.hold(f"{code}{n}", {(sku.pk, place.pk): 1}, until=None, by=SYSTEM)
        stock.set_safety(sku.pk, place.pk, 1, by=SYSTEM)
        routed({sku: 1})
    order = confirmed_order({sku: 1})
    short = Backorder(sku=sku, quantity=1, cause="out of stock", queued_at=timezone.now(), state="waiting")
    more = copies(order, count, **dict.fromkeys(("number", "external_id", "tracking_token"), lambda n: f"{code}{n}"))
    lines = copies(order.lines.get(), count, order_id=lambda n: more[n].pk)
    copies(short, count, order_line_id=lambda n: lines[n].pk)
    return sku


def test_a_sku_in_stock(admin, lead):
    few, many = stocked("FEW", FEW, lead), stocked("MANY", MANY, lead)

    assert StockLevel.objects.filter(sku=many).count() == MANY
    assert questions(admin, few.get_absolute_url()) == questions(admin, many.get_absolute_url()) == 12


def test_a_shipment_to_choose_a_label_for(admin, lead, mug, berlin):
    """However many parcels it has, and however many accounts ask for a price."""
    put(mug, berlin, 5)
    _, [work] = routed({mug: 2})
    shipment = packed(work, by=lead)
    own_van()
    page = f"/ship/{shipment.number}/"
    few = questions(admin, page)
    for _ in range(MANY):
        own_van()
    copies(Parcel.objects.get(shipment=shipment), MANY, position=lambda n: n + 2)

    assert few == questions(admin, page) == 9


def test_work_and_a_shipment_that_left(admin, lead, mug, berlin):
    put(mug, berlin, 5)
    _, [work] = routed({mug: 2})
    shipment = shipped(work, by=lead)

    assert questions(admin, reverse("fulfillment:show", args=[work.number])) == 7
    assert questions(admin, f"/ship/{shipment.number}/") == 5


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("{number}", 7),
        ("ada winter", 12),
        ("ada@example.org", 12),
        ("+49 151 2345678", 12),
        ("MUG", 11),
        ("nobody", 12),
    ],
)
def test_the_search_box(admin, mug, text, count):
    order = confirmed_order({mug: 1}, phone="+49 151 2345678")
    few = questions(admin, f"/search/?q={text.format(number=order.number)}".replace("+", "%2B"))
    for _ in range(MANY):
        confirmed_order({mug: 1}, phone="+49 151 2345678")

    assert few == questions(admin, f"/search/?q={text.format(number=order.number)}".replace("+", "%2B")) == count


@pytest.mark.parametrize(
    ("page", "count"),
    [("/orders/", 6), ("/orders/?q=ada+winter", 8), ("/inventory/", 5), ("/fulfillment/", 5), ("/", 3)],
)
def test_the_lists(admin, mug, berlin, page, count):
    put(mug, berlin, 90)
    routed({mug: 1})
    few = questions(admin, page)
    for _ in range(MANY):
        routed({mug: 1})

    assert few == questions(admin, page) == count
