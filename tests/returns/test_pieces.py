"""Lots and serial numbers that come back are those that left with the order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fulfillment import dispatch, packing, shipping
from inventory import lots, serials, stock
from inventory.models import BinStock, Lot, Serial
from oms.common.actors import SYSTEM
from returns import inspection, pieces, receiving
from tests.factories.fulfillment import news, own_van, person, picked, routed
from tests.factories.inventory import SkuFactory, put
from tests.factories.returns import asked, policy
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timezone.localdate() + timedelta(days=90)


@pytest.fixture
def milk(db):
    return SkuFactory(code="MILK", tracks="lot")


@pytest.fixture
def camera(db):
    return SkuFactory(code="CAM", tracks="serial")


def brought(sku, units, lead, *, numbers=()):
    """So many units at the customer's door."""
    policy()
    order, (work,) = routed({sku: units})
    picked(work, by=lead)
    shipment = packing.start(work.number, by=lead)
    for number in numbers:
        packing.scan(shipment, sku.code, serial=number, by=lead)
    if not numbers:
        packing.scan(shipment, sku.code, quantity=units, by=lead)
    packing.seal(shipment, 1500, anyway=True, by=lead)
    shipment.refresh_from_db()
    shipping.choose(shipment, own_van(), "standard", by=lead)
    shipment.refresh_from_db()
    dispatch.hand_over(shipment, by=lead)
    news(shipment, "delivered")
    order.refresh_from_db()
    return order


def kept(milk, berlin, **units) -> None:
    """kept(milk, berlin, A7=2): lots on a shelf, the first expires first."""
    for days, (code, count) in enumerate(units.items(), 30):
        lot = lots.take_in(milk, code, timezone.localdate() + timedelta(days=days))
        shelf = berlin.bins.get(code="A-01")
        stock.receive({(milk.pk, berlin.pk): count}, bin=shelf, lot=lot.pk, reference="PO-1", by=SYSTEM)


def there(sku) -> dict[tuple[str, str | None], int]:
    rows = BinStock.objects.filter(sku=sku, quantity__gt=0)
    return {(b, code): units for b, code, units in rows.values_list("bin__code", "lot__code", "quantity")}


def booked(line) -> list[tuple[str, int, int]]:
    return [(piece.code, piece.received, piece.decided) for piece in line.pieces.order_by("pk")]


def test_the_only_lot_that_left_is_booked_by_itself(milk, berlin, lead):
    kept(milk, berlin, A7=2)
    rma = asked(brought(milk, 2, lead), by=lead)

    done = receiving.scan(rma, "MILK", quantity=2, by=lead)
    inspection.inspect(done.line, quantity=1, disposition="restock", by=lead)
    inspection.inspect(done.line, quantity=1, disposition="quarantine", by=lead)

    assert booked(done.line) == [("A7", 2, 2)]
    assert there(milk) == {("A-01", "A7"): 1, ("QUAR", "A7"): 1}
    assert breaches() == {}


def test_of_several_lots_the_desk_asks_and_another_one_is_refused(milk, berlin, lead):
    kept(milk, berlin, A7=2, B1=1)
    lots.take_in(milk, "C3", LATER)
    rma = asked(brought(milk, 3, lead), by=lead)

    with pytest.raises(pieces.WhichOne, match=r"A7 \(2\), B1 \(1\)") as asks:
        receiving.scan(rma, "MILK", by=lead)
    with pytest.raises(pieces.NotSentThen, match="C3 of MILK did not leave"):
        receiving.scan(rma, "MILK", which="C3", by=lead)
    with pytest.raises(pieces.NotSentThen, match="Only 1 of B1"):
        receiving.scan(rma, "MILK", quantity=2, which="B1", by=lead)
    receiving.scan(rma, "MILK", which="b1", by=lead)
    line = receiving.scan(rma, "MILK", quantity=2, by=lead).line

    assert asks.value.facts["choices"] == ["A7", "B1"]
    assert booked(line) == [("B1", 1, 0), ("A7", 2, 0)]
    with pytest.raises(pieces.WhichOne, match="Several wait"):
        inspection.inspect(line, quantity=1, disposition="restock", by=lead)
    inspection.inspect(line, quantity=1, which="B1", disposition="restock", by=lead)
    inspection.inspect(line, quantity=2, disposition="return_to_customer", by=lead)
    assert there(milk) == {("A-01", "B1"): 1}
    assert pieces.outside(rma.order, milk) == {Lot.objects.get(code="A7"): 2}
    assert breaches() == {}


def test_a_scan_that_was_a_mistake_takes_its_lot_along(milk, berlin, lead):
    kept(milk, berlin, A7=1, B1=1)
    rma = asked(brought(milk, 2, lead), by=lead)
    receiving.scan(rma, "MILK", which="A7", by=lead)
    line = receiving.scan(rma, "MILK", by=lead).line

    receiving.unscan(line, which="A7", by=lead)
    with pytest.raises(pieces.NotSentThen, match="wait here no longer"):
        receiving.unscan(line, which="A7", by=lead)

    assert booked(line) == [("B1", 1, 0)]
    receiving.unscan(line, by=lead)
    assert booked(line) == []
    assert breaches() == {}


def test_several_lots_are_not_taken_back_or_decided_in_one(milk, berlin, lead):
    kept(milk, berlin, A7=1, B1=1)
    rma = asked(brought(milk, 2, lead), by=lead)
    receiving.scan(rma, "MILK", which="A7", by=lead)
    line = receiving.scan(rma, "MILK", by=lead).line

    with pytest.raises(pieces.WhichOne, match="one lot or number at a time"):
        receiving.unscan(line, quantity=2, by=lead)
    with pytest.raises(pieces.WhichOne, match="Several wait"):
        inspection.inspect(line, quantity=2, disposition="restock", by=lead)

    assert booked(line) == [("A7", 1, 0), ("B1", 1, 0)]
    assert breaches() == {}


def test_a_lot_and_units_without_one_are_told_apart(milk, berlin, lead):
    kept(milk, berlin, A7=1)
    put(milk, berlin, 2)
    rma = asked(brought(milk, 3, lead), by=lead)
    receiving.scan(rma, "MILK", which="A7", by=lead)
    line = receiving.scan(rma, "MILK", quantity=2, by=lead).line
    assert booked(line) == [("A7", 1, 0)]

    with pytest.raises(pieces.WhichOne):
        inspection.inspect(line, quantity=3, disposition="restock", by=lead)
    inspection.inspect(line, quantity=2, disposition="restock", by=lead)
    inspection.inspect(line, quantity=1, disposition="restock", by=lead)

    assert there(milk) == {("A-01", None): 2, ("A-01", "A7"): 1}
    assert breaches() == {}


def test_a_lot_that_is_over_is_not_sold_again(milk, berlin, lead):
    kept(milk, berlin, A7=1)
    rma = asked(brought(milk, 1, lead), by=lead)
    line = receiving.scan(rma, "MILK", by=lead).line
    Lot.objects.update(expires_on=timezone.localdate() - timedelta(days=1))

    with pytest.raises(inspection.NotInspectable, match="A7 is over"):
        inspection.inspect(line, quantity=1, disposition="restock", by=lead)

    assert (there(milk), booked(line)) == ({}, [("A7", 1, 0)])


def test_what_left_without_a_lot_comes_back_without_one(milk, berlin, lead):
    put(milk, berlin, 2)
    rma = asked(brought(milk, 2, lead), by=lead)

    line = receiving.scan(rma, "MILK", quantity=2, by=lead).line
    inspection.inspect(line, quantity=2, disposition="restock", by=lead)

    assert (booked(line), there(milk)) == ([], {("A-01", None): 2})


def test_a_numbered_unit_is_one_that_left_and_comes_back_once(camera, berlin, lead):
    put(camera, berlin, 3)
    rma = asked(brought(camera, 3, lead, numbers=("S1", "S2", "S3")), by=lead)

    with pytest.raises(pieces.WhichOne, match="S1, S2, S3"):
        receiving.scan(rma, "CAM", by=lead)
    with pytest.raises(pieces.WhichOne, match="one unit at a time"):
        receiving.scan(rma, "CAM", quantity=2, by=lead)
    receiving.scan(rma, "CAM", which="s1", by=lead)
    with pytest.raises(pieces.NotSentThen, match="is back already"):
        receiving.scan(rma, "S1", by=lead)
    line = receiving.scan(rma, "S2", by=lead).line
    receiving.unscan(line, by=lead)
    receiving.scan(rma, "S3", by=lead)

    inspection.inspect(line, quantity=1, which="S1", disposition="scrap", by=lead)
    inspection.inspect(line, quantity=1, disposition="return_to_customer", by=lead)
    assert dict(Serial.objects.values_list("code", "state")) == dict.fromkeys(("S1", "S2", "S3"), "gone")
    assert [str(one) for one in pieces.outside(rma.order, camera)] == ["S2", "S3"]
    assert serials.found("S1")[0].reference == f"{rma}, scrapped"
    assert breaches() == {}


def test_the_handheld_offers_what_left(milk, berlin, lead, client):
    client.force_login(person("returns"))
    kept(milk, berlin, A7=1, B1=1)
    rma = asked(brought(milk, 2, lead), by=lead)
    page = f"/returns/receive/{rma.number}/"

    asks = client.post(page, {"code": "MILK"})
    from_the_start = client.post("/returns/receive/", {"code": "MILK"})
    chosen = client.post(page, {"code": "MILK", "which": "B1"})
    client.post(page, {"code": "MILK"})

    assert (asks.status_code, from_the_start.status_code) == (422, 422)
    assert 'name="which" value="B1"' in from_the_start.content.decode()
    assert 'name="which" value="A7"' in asks.content.decode()
    assert (chosen.status_code, "MILK, B1: 1 of 2" in chosen.content.decode()) == (200, True)
    line = rma.lines.get()
    assert '<option value="A7">A7 (1)</option>' in client.get("/returns/inspect/").content.decode()
    dialog = f"/returns/{rma.number}/lines/{line.pk}/inspect/"
    said = {"quantity": 1, "disposition": "restock", "accepted": "on"}
    assert client.post(dialog, said).status_code == 422
    assert client.post(dialog, said | {"which": "B1", "bin": "A-02"}).status_code == 302
    assert there(milk) == {("A-02", "B1"): 1}
    assert "<code>A7</code> × 1" in client.get(f"/returns/{rma.number}/").content.decode()
