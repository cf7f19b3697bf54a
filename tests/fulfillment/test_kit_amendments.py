"""Kits are added to an order by a change, and taken off whole; their parts carry the money to the thousandth."""

from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment import amendments, cancellation, dispatch, shipping
from fulfillment.amendments import Action, Kind
from fulfillment.amendments import kits as amended_kits
from fulfillment.amendments.actions import CannotAmend
from fulfillment.amendments.figures import LineFigures
from inventory import kits
from inventory.kits import Recipe
from inventory.models import Sku
from oms.common.actors import SYSTEM
from oms.common.errors import Invalid
from oms.common.money import unit_share
from orders import intake, payments, verification
from orders.channels.base import ExternalLine
from orders.intake.kits import split
from orders.models import Order, OrderKit
from tests.factories.fulfillment import own_van, packed, person
from tests.factories.inventory import SkuFactory, put
from tests.factories.orders import channel, external, line
from tests.fulfillment import books

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gift(mug, lamp):
    """Two mugs at 4.00 and a lamp at 12.00."""
    for sku, price in ((mug, "4"), (lamp, "12")):
        sku.price = D(price)
        sku.save()
    sku = SkuFactory(code="GIFT", name="Gift set", price=D("17.99"))
    kits.make(sku, {mug: 2, lamp: 1}, by=SYSTEM)
    return sku


@pytest.fixture
def stocked(berlin, mug, lamp):
    put(mug, berlin, 30)
    put(lamp, berlin, 30)


def taken(*lines, paid: str | None = "") -> Order:
    one = external(*lines, paid=paid)
    order = intake.take(one, channel=channel(), by=SYSTEM).order
    verification.verify(order.pk)
    order.refresh_from_db()
    return order


def add_kit(units=1, **facts) -> Action:
    return Action(Kind.ADD_LINE, {"sku": "GIFT", "quantity": units} | facts)


def keep(units, *, kit=1) -> Action:
    return Action(Kind.SET_KIT, {"kit": kit, "quantity": units})


def amend(order: Order, *wishes: Action) -> Order:
    amendments.amend(order, wishes, by=SYSTEM)
    order.refresh_from_db()
    return order


def rows(order: Order) -> list[tuple]:
    names = ("sku_code", "ordered", "cancelled", "total", "per_kit", "kit__quantity")
    return list(order.lines.order_by("position").values_list(*names))


def test_a_kit_is_added_taken_apart_and_sourced(gift, stocked):
    order = taken(line("MUG", 1, "4"))

    amend(order, add_kit(3))

    assert rows(order) == [
        ("MUG", 1, 0, D("4.000"), None, None),
        ("LAMP", 3, 0, D("32.380"), 1, 3),
        ("MUG", 6, 0, D("21.590"), 2, 3),
    ]
    assert order.total == D("4") + 3 * D("17.99")
    kit = order.kits.get()
    assert (kit.position, kit.sku, kit.version, kit.name) == (1, gift, 1, "Gift set")
    payments.record(order, "paid", order.balance_due.amount, reference="P-2", by=SYSTEM)
    assert [(work, units) for work, _, units in books.work(order)] == [("BER", 10)]
    assert books.breaches() == {}


def test_the_preview_names_the_kit_and_its_parts(gift, stocked):
    order = taken(line("MUG", 1, "4"))

    seen = amendments.preview(order, [add_kit(2, unit_price="10.01")])

    assert [(row.sku_code, row.after.ordered) for row in seen.rows] == [("LAMP", 2), ("MUG", 4)]
    assert (seen.told, seen.difference.amount) == (("Kit 2 × GIFT: 1 × LAMP, 2 × MUG",), D("20.02"))


def test_a_kit_takes_its_share_of_the_orders_tax(gift, stocked):
    order = taken(line("MUG", 2, "10", tax="3.80"))

    amend(order, add_kit(1, unit_price="7.77"))

    added = order.lines.filter(kit__isnull=False)
    assert sum(one.tax for one in added) == D("1.48")
    assert sum(one.total for one in added) == D("7.77") + D("1.48")


def test_an_unpaid_kit_is_taken_off_whole(gift, stocked):
    order = taken(line("GIFT", 3, "17.99"), line("MUG", 1, "4"), paid=None)

    amend(order, keep(1))

    assert rows(order)[:2] == [("LAMP", 1, 0, D("10.790"), 1, 1), ("MUG", 2, 0, D("7.200"), 2, 1)]
    assert order.total == D("17.99") + 4
    amend(order, keep(0))
    assert [row[1:4] for row in rows(order)] == [(1, 1, D("0.000")), (2, 2, D("0.000")), (1, 0, D("4.000"))]
    assert order.total == D("4")
    assert books.breaches() == {}


def test_more_kits_extend_all_their_lines(gift, stocked):
    order = taken(line("GIFT", 1, "20"), line("MUG", 1, "4"))

    amend(order, keep(3))

    assert [(row[0], row[1], row[5]) for row in rows(order)] == [("LAMP", 3, 3), ("MUG", 6, 3), ("MUG", 1, None)]
    assert order.total == D("64")
    assert books.breaches() == {}


money = st.integers(0, 10**6).map(lambda n: D(n) / 100)


@settings(max_examples=200, deadline=None)
@given(
    price=money,
    quantity=st.integers(1, 20),
    kept=st.integers(1, 20),
    off=st.integers(0, 100),
    tax=money,
    parts=st.lists(st.tuples(st.integers(0, 10**5), st.integers(1, 9)), min_size=1, max_size=6),
)
def test_the_parts_of_changed_kits_sum_to_the_thousandth(price, quantity, kept, off, tax, parts):
    recipe = Recipe(1, tuple((Sku(code=f"S{n}", price=D(cost) / 1000), units) for n, (cost, units) in enumerate(parts)))
    discount = (price * quantity * off / 100).quantize(D("0.01"), rounding="ROUND_FLOOR")
    kit, per = OrderKit(unit_price=price), {n: units for n, (_, units) in enumerate(recipe.parts)}
    lines = [
        LineFigures(n, one.sku, one.quantity, 0, one.unit_price, one.discount, one.tax)
        for n, one in enumerate(split(ExternalLine("KIT", quantity, price, discount, tax), recipe, "EUR"))
    ]

    found = amended_kits._whole(kit, lines, per, kept, True, "EUR") or lines

    net = price * quantity - discount
    if kept > quantity:
        net += price * (kept - quantity)
    elif kept < quantity:
        net = unit_share(net, quantity, 0, kept, "EUR")
    assert sum(line.net for line in found) == net
    assert [line.ordered for line in found] == [units * kept for units in per.values()]
    assert all(line.discount >= 0 and line.net >= 0 for line in found)


def test_parts_of_a_kit_that_left_are_not_taken_off(gift, stocked):
    lead = person("lead")
    order = taken(line("GIFT", 2, "20"))
    cancellation.cancel(order, quantities={order.lines.get(sku_code="LAMP").pk: 2}, reason="dear", by=lead)
    shipment = packed(order.fulfillment_orders.get(), by=lead)
    shipping.choose(shipment, own_van(), "standard", by=lead)
    shipment.refresh_from_db()
    dispatch.hand_over(shipment, by=lead)

    with pytest.raises(CannotAmend, match="Kit GIFT: 2 left already"):
        amendments.preview(order, [keep(1)])


@pytest.mark.parametrize("payload", [{"kit": 2, "quantity": 1}, {"kit": "1", "quantity": 1}, {"quantity": 1}])
def test_a_kit_of_another_order_is_refused(gift, stocked, payload):
    order = taken(line("GIFT", 1, "20"))

    with pytest.raises(Invalid, match="another order"):
        amendments.preview(order, [Action(Kind.SET_KIT, payload)])


def test_the_form_adds_a_kit_and_takes_one_off(gift, stocked, client):
    order = taken(line("GIFT", 2, "20"), line("MUG", 1, "4"))
    client.force_login(person("agent"))
    page = f"/orders/{order.number}/amend/"
    shown = client.get(page).context["form"]
    fields = {field.html_name: field.value() for field in shown if field.value() is not None}
    fields |= {field.html_name: field.value() or "" for field in shown.address}

    said = client.post(page, fields | {"version": order.version, "kit-1": 1, "sku-0": "gift", "units-0": 1})
    text = said.content.decode()
    assert said.status_code == 200, text
    assert "Kit GIFT: 2 → 1" in text
    assert "Kit 1 × GIFT: 1 × LAMP, 2 × MUG" in text
    change = order.changes.get()
    assert [one.kind for one in change.actions.order_by("pk")] == ["set_kit", "add_line"]
    client.post(f"{page}{change.pk}/confirm/")

    order.refresh_from_db()
    assert [kit.quantity for kit in order.kits.order_by("position")] == [2, 1]
    assert sum(one.ordered - one.cancelled for one in order.lines.all()) == 7
    assert books.breaches() == {}
