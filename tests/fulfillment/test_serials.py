"""Units with serial numbers, from the purchase into the parcel and back with a return; goods that ship alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fulfillment import dispatch, numbered, packing, shipping
from inventory import purchasing, serials, skus
from inventory.models import Serial
from inventory.serials import WrongSerial
from oms.common.actors import SYSTEM
from returns import pieces, receiving
from tests.factories.fulfillment import news, own_van, person, picked, routed
from tests.factories.inventory import LocationFactory, SkuFactory, SupplierFactory, put
from tests.factories.returns import asked, policy
from tests.fulfillment.books import breaches


@pytest.fixture
def lead(db):
    return person("lead")


@pytest.fixture
def berlin(db):
    return LocationFactory(code="BER", name="Berlin")


@pytest.fixture
def camera(db):
    return SkuFactory(code="CAM", tracks="serial")


@pytest.fixture
def begun(camera, berlin, lead):
    """A shipment of three cameras at the pack station."""
    put(camera, berlin, 5)
    _, works = routed({camera: 3})
    picked(works[0], by=lead)
    return packing.start(works[0].number, by=lead)


def brought(shipment, lead):
    """All three cameras to the door, by carrier."""
    for code in ("S1", "S2", "S3"):
        packing.scan(shipment, "CAM", serial=code, by=lead)
    packing.seal(shipment, 1500, anyway=True, by=lead)
    shipment.refresh_from_db()
    shipping.choose(shipment, own_van(), "standard", by=lead)
    shipment.refresh_from_db()
    dispatch.hand_over(shipment, by=lead)
    news(shipment, "delivered")
    shipment.order.refresh_from_db()


def states():
    return dict(Serial.objects.values_list("code", "state"))


def test_numbers_come_in_with_a_purchase(camera, berlin):
    purchase = purchasing.create(
        SupplierFactory(), berlin, {camera: 3}, expected_at=timezone.now() + timedelta(days=1), by=SYSTEM
    )
    line = purchasing.place(purchase, by=SYSTEM).lines.get()

    purchasing.receive(line, 2, serial_codes=["A1", "A2"], by=SYSTEM)

    assert states() == {"A1": "here", "A2": "here"}
    for codes in (["A3", "A4"], ["a1"]):
        with pytest.raises((WrongSerial, purchasing.NotReceivable)):
            purchasing.receive(line, 1, serial_codes=codes, by=SYSTEM)
    assert states() == {"A1": "here", "A2": "here"}
    assert skus.read("a2").sku == camera


def test_each_unit_is_packed_with_its_number(begun, camera, lead):
    for said in ({}, {"serial": "S1", "quantity": 2}):
        with pytest.raises(WrongSerial):
            packing.scan(begun, "CAM", **said, by=lead)

    packing.scan(begun, "CAM", serial="S1", by=lead)
    serials.take_in(camera, ["S2"], reference="PO-1", by=SYSTEM)
    packing.scan(begun, "S2", by=lead)
    with pytest.raises(WrongSerial, match="lies in"):
        packing.scan(begun, "CAM", serial="s1", by=lead)

    inside = packing.open_parcel(begun).lines.get()
    assert (inside.quantity, [str(one) for one in inside.serials.order_by("pk")]) == (2, ["S1", "S2"])


def test_a_number_is_taken_out_with_its_unit(begun, lead):
    for code in ("S1", "S2"):
        packing.scan(begun, "CAM", serial=code, by=lead)

    packing.unscan(begun, "S1", by=lead)

    inside = packing.open_parcel(begun).lines.get()
    assert (inside.quantity, [str(one) for one in inside.serials.all()]) == (1, ["S2"])
    packing.unscan(begun, "CAM", by=lead)
    assert not packing.open_parcel(begun).lines.exists()


@pytest.mark.django_db(transaction=True)
def test_numbers_leave_with_the_parcel_and_come_back_with_the_return(begun, camera, lead, client):
    brought(begun, lead)

    assert set(states().values()) == {"gone"}
    assert [one.number for one in numbered.shipments_of("s2")] == [begun.number]
    with pytest.raises(WrongSerial, match="left with"):
        serials.to_pack(camera, "S1")
    client.force_login(lead)
    assert client.get("/search/?q=S2").url == f"/orders/{begun.order.number}/"
    assert "(S1, S2, S3)" in client.get(f"/orders/{begun.order.number}/").content.decode()
    policy()
    rma = asked(begun.order, by=lead, CAM=1)
    receiving.scan(rma, "s2", by=lead)
    with pytest.raises(receiving.NotOnThisReturn):
        receiving.scan(rma, "S3", by=lead)
    assert states() == {"S1": "gone", "S2": "here", "S3": "gone"}
    assert rma.lines.get().received == 1
    assert breaches() == {}


@pytest.mark.django_db(transaction=True)
def test_a_number_of_another_order_does_not_come_back_with_this_return(begun, camera, berlin, lead):
    brought(begun, lead)
    serials.take_in(camera, ["X9"], reference="PO-1", by=SYSTEM)
    policy()
    rma = asked(begun.order, by=lead, CAM=1)

    with pytest.raises(pieces.NotSentThen, match="did not leave with"):
        receiving.scan(rma, "X9", by=lead)
    assert rma.lines.get().received == 0


def test_what_ships_alone_has_a_parcel_of_its_own(berlin, lead):
    bike, mug = SkuFactory(code="BIKE", ships_alone=True), SkuFactory(code="MUG")
    put(bike, berlin, 2)
    put(mug, berlin, 2, shelf="A-02")
    _, works = routed({bike: 2, mug: 1})
    picked(works[0], by=lead)
    shipment = packing.start(works[0].number, by=lead)

    with pytest.raises(packing.WrongScan, match="one in a parcel"):
        packing.scan(shipment, "BIKE", quantity=2, by=lead)
    packing.scan(shipment, "MUG", by=lead)
    with pytest.raises(packing.WrongScan, match="ships alone"):
        packing.scan(shipment, "BIKE", by=lead)
    packing.unscan(shipment, "MUG", by=lead)
    packing.scan(shipment, "BIKE", by=lead)
    with pytest.raises(packing.WrongScan, match="Seal this parcel first"):
        packing.scan(shipment, "MUG", by=lead)


def test_the_station_asks_for_the_number(begun, lead, client):
    client.force_login(lead)
    url = f"/pack/{begun.number}/"

    assert 'name="serial"' in client.get(url).content.decode()
    assert client.post(f"{url}scan/", {"code": "CAM"}).status_code == 422
    client.post(f"{url}scan/", {"code": "CAM", "serial": "S1"})
    assert states() == {"S1": "here"}
    assert client.get("/inventory/serials/").status_code == 200
