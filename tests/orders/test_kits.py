"""Kits of orders: taken apart into lines that share their money, told to their channel as kits."""

import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from inventory import kits
from inventory.kits import Recipe
from inventory.models import Sku
from oms.api import shapes
from oms.common.actors import SYSTEM
from orders import documents, intake, verification
from orders.channels import outbound
from orders.channels.base import ExternalLine
from orders.intake.kits import split
from orders.models import OrderKit, OrderLine
from tests.factories.fulfillment import person
from tests.factories.inventory import SkuFactory
from tests.factories.orders import channel, external, line


@pytest.fixture
def gift(db):
    mug, lamp = SkuFactory(code="MUG", price=Decimal("4")), SkuFactory(code="LAMP", price=Decimal("12"))
    sku = SkuFactory(code="GIFT", name="Gift set")
    kits.make(sku, {mug: 2, lamp: 1}, by=SYSTEM)
    return sku


def taken(*lines, **facts):
    return intake.take(external(*lines, **facts), channel=channel(), by=SYSTEM).order


def rows(order):
    names = ("sku_code", "ordered", "unit_price", "discount", "tax", "total", "per_kit")
    return [tuple(map(str, row)) for row in order.lines.order_by("position").values_list(*names)]


def test_a_kit_is_stored_as_lines_of_its_parts(gift):
    order = taken(line("gift", 3, "17.99", discount="5", tax="9.30", external_line_id="L1"), line("MUG", 1, "4"))

    assert rows(order) == [
        ("LAMP", "3", "10.794", "3.002", "5.580", "34.960", "1"),
        ("MUG", "6", "3.599", "2.004", "3.720", "23.310", "2"),
        ("MUG", "1", "4.000", "0.000", "0.000", "4.000", "None"),
    ]
    assert (order.total, order.tax_total) == (Decimal("62.270"), Decimal("9.300"))
    kit = order.kits.get()
    assert (kit.sku, kit.quantity, kit.version, kit.external_line_id, kit.name) == (gift, 3, 1, "L1", "Gift set")
    assert [one.sku_code for one in kit.lines.order_by("position")] == ["LAMP", "MUG"]


def test_a_kit_order_is_confirmed_and_comes_in_once(gift):
    one = external(line("GIFT", 1, "20"))
    shop = channel()

    order = intake.take(one, channel=shop, by=SYSTEM).order
    again = intake.take(one, channel=shop, by=SYSTEM)

    assert not again.created
    assert OrderKit.objects.count() == 1
    assert verification.verify(order.pk).state == "confirmed"


def test_an_order_keeps_the_version_it_came_with(gift):
    order = taken(line("GIFT", 1, "20"))
    kits.make(gift, {Sku.objects.get(code="MUG"): 5}, by=SYSTEM)
    later = intake.take(external(line("GIFT", 1, "20")), channel=order.channel, by=SYSTEM).order

    assert [row[:2] for row in rows(order)] == [("LAMP", "1"), ("MUG", "2")]
    assert [row[:2] for row in rows(later)] == [("MUG", "5")]
    assert [order.kits.get().version, later.kits.get().version] == [1, 2]


money = st.integers(0, 10**6).map(lambda n: Decimal(n) / 1000)


@settings(max_examples=200, deadline=None)
@given(
    price=money,
    quantity=st.integers(1, 40),
    off=st.integers(0, 1000),
    tax=money,
    parts=st.lists(st.tuples(st.integers(0, 10**5), st.integers(1, 9)), min_size=1, max_size=6),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_the_parts_always_sum_to_the_kit(price, quantity, off, tax, parts, currency):
    goods = price * quantity
    discount = (goods * off / 1000).quantize(Decimal("0.001"), rounding="ROUND_FLOOR")
    recipe = Recipe(
        1, tuple((Sku(code=f"S{n}", price=Decimal(cost) / 1000), units) for n, (cost, units) in enumerate(parts))
    )

    found = split(ExternalLine("KIT", quantity, price, discount, tax), recipe, currency)

    nets = [one.unit_price * one.quantity - one.discount for one in found]
    assert sum(nets) == goods - discount
    assert sum(one.tax for one in found) == tax
    assert all(net >= 0 and one.discount >= 0 and one.tax >= 0 for net, one in zip(nets, found, strict=True))
    assert all(one.unit_price == one.unit_price.quantize(Decimal("0.001")) for one in found)


def paper_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_a_channel_is_told_of_kits_when_they_are_whole(gift):
    order = taken(line("GIFT", 2, "20", external_line_id="L1"), line("MUG", 1, "4", external_line_id="L2"))
    lamp, mug, single = order.lines.order_by("position")

    def shipped(units):
        for one in units:
            one.shipped += units[one]
            one.save(update_fields=["shipped"])
        told = outbound._lines(order, {one.pk: count for one, count in units.items()}, "shipped")
        return [(row["line"], row["sku"], row["quantity"]) for row in told]

    for one in (lamp, mug, single):
        OrderLine.objects.filter(pk=one.pk).update(allocated=0)
    assert shipped({lamp: 2, single: 1}) == [("L2", "MUG", 1)]
    assert shipped({mug: 3}) == [("L1", "GIFT", 1)]
    assert shipped({mug: 1}) == [("L1", "GIFT", 1)]


def test_paper_and_pages_show_the_kit_above_its_parts(gift, client):
    order = taken(line("MUG", 1, "4"), line("GIFT", 2, "20"))
    units = {one.pk: one.ordered for one in order.lines.all()}

    text = paper_text(bytes(documents.invoice(order, key="k", units=units, by=SYSTEM).pdf))
    client.force_login(person("admin"))
    page = client.get(f"/orders/{order.number}/").content.decode()

    assert text.index("Kit 2 × GIFT Gift set") < text.index("LAMP")
    assert page.count("Kit 2 ×") == 1
    assert "version 1" in page
    assert shapes.whole(order.number)["lines"][1]["kit"] == {"position": 1, "sku": "GIFT", "version": 1, "per_kit": 1}
