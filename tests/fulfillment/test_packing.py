from decimal import Decimal

import pytest

from fulfillment import documents, packing, sourcing, work
from fulfillment.models import BoxType
from oms.common.errors import Invalid
from orders import holds
from orders.holds import Held
from orders.statuses import HoldType
from tests.factories.fulfillment import packed, picked, routed
from tests.factories.inventory import put
from tests.fulfillment import books


@pytest.fixture
def small(db):
    return BoxType.objects.create(
        code="S",
        name="Small",
        length_mm=250,
        width_mm=200,
        height_mm=120,
        tare_g=100,
        max_weight_g=5000,
        cost=Decimal("0.40"),
    )


def test_work_is_found_by_tote_number_and_order_number(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})
    picked(one, by=lead)

    found = {packing.start(code, location=berlin, by=lead) for code in (f"t-{one.pk}", one.number, order.number)}

    assert [shipment.fulfillment_order for shipment in found] == [one]


def test_what_is_not_picked_cannot_be_packed(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})

    with pytest.raises(work.NotNow, match=f"Nothing to pack: {one} is open."):
        packing.start(order.number, by=lead)
    with pytest.raises(work.NotNow, match="“nonsense” is no tote"):
        packing.start("nonsense", by=lead)


def test_only_what_was_scanned_is_sealed_and_the_last_unit_completes_the_shipment(berlin, mug, lamp, small, lead):
    put(mug, berlin, 5)
    put(lamp, berlin, 5)
    order, [one] = routed({mug: 2, lamp: 1})
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)

    packing.scan(shipment, "MUG", quantity=2, by=lead)
    first = packing.seal(shipment, 1100, box=small, by=lead)
    states = [shipment.__class__.objects.get().state]
    packing.scan(shipment, "LAMP", by=lead)
    second = packing.seal(shipment, by=lead)
    shipment.refresh_from_db()
    one.refresh_from_db()

    assert (first.position, first.weight_g, first.length_mm, second.position, second.weight_g) == (1, 1100, 250, 2, 500)
    assert [*states, shipment.state, one.state] == ["draft", "sealed", "packed"]
    assert not hasattr(one, "tote")
    assert books.counters(order) == [
        {"allocated": 2, "picked": 2, "packed": 2},
        {"allocated": 1, "picked": 1, "packed": 1},
    ]
    assert books.breaches() == {}


def test_wrong_scans_are_refused_and_say_what_they_are(berlin, mug, lamp, lead):
    put(mug, berlin, 5)
    _, [one] = routed({mug: 1})
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)

    for code, quantity, told in [
        ("LAMP", 1, "LAMP Lamp is not in this order."),
        ("0815", 1, "“0815” is not known."),
        ("MUG", 2, "Only 1 more of MUG belong in, not 2."),
    ]:
        with pytest.raises(packing.WrongScan, match=told):
            packing.scan(shipment, code, quantity=quantity, by=lead)


def test_a_scanned_unit_can_be_taken_out_again(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [one] = routed({mug: 2})
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)
    packing.scan(shipment, "MUG", quantity=2, by=lead)

    packing.unscan(shipment, "MUG", by=lead)

    [row] = packing.rows(shipment)
    assert (row.picked, row.sealed, row.scanned, row.remaining) == (2, 0, 1, 1)


def test_a_weight_far_off_asks_for_a_second_look(berlin, mug, small, lead):
    put(mug, berlin, 5)
    _, [one] = routed({mug: 2})
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)
    packing.scan(shipment, "MUG", quantity=2, by=lead)

    with pytest.raises(packing.WeightOff, match="The scale says 600 g, the contents should weigh 1100 g"):
        packing.seal(shipment, 600, box=small, by=lead)

    assert packing.seal(shipment, 600, box=small, anyway=True, by=lead).weight_g == 600


def test_an_empty_parcel_is_not_sealed(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [one] = routed({mug: 1})
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)

    with pytest.raises(packing.WrongScan, match="Nothing has been scanned"):
        packing.seal(shipment, 500, by=lead)


def test_goods_nobody_weighed_need_a_weight(berlin, mug, lead):
    mug.weight_g = 0
    mug.save()
    put(mug, berlin, 5)
    _, [one] = routed({mug: 1})
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)
    packing.scan(shipment, "MUG", by=lead)

    with pytest.raises(Invalid, match="Enter the weight"):
        packing.seal(shipment, by=lead)


def test_the_box_that_fits_is_proposed(berlin, mug, small, lead):
    large = BoxType.objects.create(code="L", name="Large", length_mm=600, width_mm=400, height_mm=400, tare_g=400)
    put(mug, berlin, 5)
    _, [one] = routed({mug: 2})
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)

    assert packing.propose_box(shipment) == [small, large]


def test_a_hold_stops_packing(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})
    picked(one, by=lead)
    holds.place(order, type=HoldType.CUSTOMER, reason="wait", by=lead)

    with pytest.raises(Held):
        packing.start(one.number, by=lead)


def test_a_packed_shipment_can_be_opened_and_packed_anew(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})
    shipment = packed(one, by=lead)

    packing.reopen(shipment, by=lead)
    again = packing.start(one.number, by=lead)

    shipment.refresh_from_db()
    assert (shipment.state, again.state, again.pk != shipment.pk) == ("voided", "draft", True)
    assert books.counters(order) == [{"allocated": 1, "picked": 1}]
    assert books.breaches() == {}


def test_the_packing_slip_lists_what_is_in_each_parcel(berlin, mug, lamp, lead):
    from io import BytesIO

    from pypdf import PdfReader

    put(mug, berlin, 5)
    put(lamp, berlin, 5)
    order, [one] = routed({mug: 2, lamp: 1})
    shipment = packed(one, by=lead)

    pages = PdfReader(BytesIO(documents.packing_slip(shipment))).pages

    text = pages[0].extract_text()
    assert len(pages) == 1
    assert all(told in text for told in (order.number, shipment.number, "MUG", "LAMP", "Ada Winter", "Hamburg"))


def test_two_lines_of_one_sku_are_packed_by_the_same_scan(berlin, mug, lead):
    from orders.models import OrderLine
    from tests.factories.fulfillment import confirmed_order

    put(mug, berlin, 5)
    order = confirmed_order({mug: 2})
    OrderLine.objects.create(order=order, position=2, sku=mug, sku_code="MUG", name="Mug, wrapped", ordered=1)
    sourcing.route(order.pk)
    one = order.fulfillment_orders.get()
    picked(one, by=lead)
    shipment = packing.start(one.number, by=lead)

    packing.scan(shipment, "MUG", quantity=3, by=lead)
    packing.seal(shipment, by=lead)

    assert books.counters(order) == [
        {"allocated": 2, "picked": 2, "packed": 2},
        {"allocated": 1, "picked": 1, "packed": 1},
    ]
    assert books.breaches() == {}
