"""Lots: taken in, moved, picked by expiry, set aside when they are over, traced to orders."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from inventory import lots, purchasing, stock, transfers
from inventory.lots import WrongLot
from inventory.models import BinStock, Lot, StockMovement
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from tests.factories.inventory import BarcodeFactory, SkuFactory, SupplierFactory
from tests.inventory.books import bins, breaches, level

TODAY = timezone.localdate()
SOON, LATER = TODAY + timedelta(days=20), TODAY + timedelta(days=90)


@pytest.fixture
def milk(db):
    return SkuFactory(code="MILK", tracks="lot", expiry_margin_days=5)


@pytest.fixture
def admin(client, db):
    user = User.objects.create_user("admin@example.com", "x", name="Ada", role="admin", all_locations=True)
    client.force_login(user)
    return client


def lot(sku, code, expires=None):
    return lots.take_in(sku, code, expires)


def put(sku, location, units, of, *, shelf="A-01", reference="PO-1"):
    bin = location.bins.get(code=shelf)
    stock.receive({(sku.pk, location.pk): units}, bin=bin, lot=of and of.pk, reference=reference, by=SYSTEM)
    return bin


def pieces(sku) -> dict[tuple[str, str | None], int]:
    rows = BinStock.objects.filter(sku=sku, quantity__gt=0)
    return {(b, code): units for b, code, units in rows.values_list("bin__code", "lot__code", "quantity")}


def placed(location, sku, units):
    purchase = purchasing.create(
        SupplierFactory(), location, {sku: units}, expected_at=timezone.now() + timedelta(days=1), by=SYSTEM
    )
    return purchasing.place(purchase, by=SYSTEM).lines.get()


def test_a_purchase_is_received_lot_by_lot(milk, berlin):
    line = placed(berlin, milk, 10)

    purchasing.receive(line, 6, lot="A7", expires_on=SOON, damaged=1, by=SYSTEM)
    purchasing.receive(line, 4, lot="a7 ", by=SYSTEM)

    assert Lot.objects.get().expires_on == SOON
    assert pieces(milk) == {("RECV", "A7"): 9, ("QUAR", "A7"): 1}
    assert breaches() == {}


def test_a_lot_has_to_be_named_and_has_one_date(milk, berlin):
    line = placed(berlin, milk, 10)
    purchasing.receive(line, 1, lot="A7", expires_on=SOON, by=SYSTEM)

    for said in ({}, {"lot": "A7", "expires_on": LATER}):
        with pytest.raises(WrongLot):
            purchasing.receive(line, 1, **said, by=SYSTEM)
    assert level(milk, berlin) == {"on_hand": 1, "available": 1}


def test_a_lot_without_a_date_keeps_for_the_shelf_life(milk):
    milk.shelf_life_days = 30

    assert lot(milk, "A7").expires_on == TODAY + timedelta(days=30)
    assert lots.take_in(SkuFactory(), "A7") is None


def test_what_expires_first_leaves_first(milk, berlin):
    later, soon = lot(milk, "L", LATER), lot(milk, "S", SOON)
    shelf = put(milk, berlin, 3, later)
    put(milk, berlin, 2, soon)
    put(milk, berlin, 1, None)

    stock.adjust(milk.pk, shelf.pk, -1, reason="broken", by=SYSTEM)
    stock.move(milk.pk, shelf.pk, berlin.bins.get(code="A-02").pk, 2, by=SYSTEM)
    stock.adjust(milk.pk, berlin.bins.get(code="A-02").pk, 1, lot=later.pk, reason="found", by=SYSTEM)

    assert pieces(milk) == {("A-01", "L"): 2, ("A-01", None): 1, ("A-02", "S"): 1, ("A-02", "L"): 2}
    assert breaches() == {}


def test_what_was_picked_for_an_order_leaves_with_it(milk, berlin):
    a, b = lot(milk, "A", SOON), lot(milk, "B", LATER)
    shelf = put(milk, berlin, 2, a)
    put(milk, berlin, 2, b)
    stock.allocate({(milk.pk, berlin.pk): 4}, reference="FO-1", by=SYSTEM)
    stock.pick(milk.pk, shelf.pk, 2, lot=b.pk, reference="FO-1", by=SYSTEM)
    stock.pick(milk.pk, shelf.pk, 2, reference="FO-2", by=SYSTEM)
    stock.put_back(milk.pk, shelf.pk, 1, reference="FO-1", by=SYSTEM)

    stock.ship({(milk.pk, berlin.pk): 1}, reference="FO-1", by=SYSTEM)

    assert pieces(milk) == {("A-01", "B"): 1, ("STAGE", "A"): 2}
    assert lots.trace(b).went == {"FO-1": 1}
    assert lots.trace(a).came == {"PO-1": 2}
    assert breaches() == {}


def test_a_transfer_keeps_its_lots(milk, berlin, hamburg):
    put(milk, berlin, 2, lot(milk, "B", LATER))
    put(milk, berlin, 2, lot(milk, "A", SOON), shelf="A-02")
    transfer = transfers.create(berlin, hamburg, {milk: 3}, expected_at=timezone.now(), by=SYSTEM)
    transfers.ship(transfer, by=SYSTEM)
    line = transfer.lines.get()

    transfers.receive(transfer, {line.pk: 3}, by=SYSTEM)

    assert pieces(milk) == {("A-01", "B"): 1, ("RECV", "A"): 2, ("RECV", "B"): 1}
    assert breaches() == {}


def test_an_undone_adjustment_gives_the_lot_back(milk, berlin):
    a = lot(milk, "A", SOON)
    shelf = put(milk, berlin, 2, a)
    row = stock.adjust(milk.pk, shelf.pk, -2, reason="lost", by=SYSTEM)

    stock.undo(row, by=SYSTEM)

    assert pieces(milk) == {("A-01", "A"): 2}
    assert set(StockMovement.objects.filter(sku=milk).values_list("lot", flat=True)) == {a.pk}


def test_a_lot_that_is_over_is_set_aside_before_it_expires(milk, berlin):
    put(milk, berlin, 3, lot(milk, "A", SOON))
    put(milk, berlin, 2, lot(milk, "B", LATER))

    assert lots.set_aside_expired(today=SOON - timedelta(days=5)) == 0
    assert lots.set_aside_expired(today=SOON - timedelta(days=4)) == 3
    assert lots.set_aside_expired(today=SOON - timedelta(days=4)) == 0

    assert pieces(milk) == {("QUAR", "A"): 3, ("A-01", "B"): 2}
    assert level(milk, berlin) == {"on_hand": 5, "damaged": 3, "available": 2}
    assert StockMovement.objects.get(kind="damaged").reason == "expired"
    assert breaches() == {}


def test_promised_units_of_a_lot_that_is_over_open_a_case_until_they_are_free(milk, berlin):
    put(milk, berlin, 3, lot(milk, "A", SOON))
    stock.allocate({(milk.pk, berlin.pk): 2}, reference="FO-1", by=SYSTEM)

    assert lots.set_aside_expired(today=LATER) == 1
    assert ExceptionCase.objects.unresolved().get().kind == "lot.expired"
    stock.release({(milk.pk, berlin.pk): 2}, reference="FO-1", by=SYSTEM)
    assert lots.set_aside_expired(today=LATER) == 2
    assert not ExceptionCase.objects.unresolved().exists()


def test_a_scanned_barcode_fills_the_form_of_its_line(admin, milk, berlin):
    BarcodeFactory(sku=milk, code="4012345000009")
    line = placed(berlin, milk, 10)
    url = line.purchase.get_absolute_url()

    page = admin.get(url, {"scan": "]C10104012345000009" + "17300101" + "3012\x1d" + "10A7"})
    form = page.context["lines"][0].form

    assert form.initial == {"quantity": 12, "lot": "A7", "expires_on": date(2030, 1, 1)}
    assert "was not ordered with" in admin.get(url, {"scan": SkuFactory().code}).content.decode()
    assert "is not known" in admin.get(url, {"scan": "nonsense"}).content.decode()
    said = {f"{line.pk}-quantity": "12", f"{line.pk}-lot": "A7", f"{line.pk}-expires_on": "2030-01-01"}
    assert admin.post(f"{url}lines/{line.pk}/receive/", said).status_code == 302
    assert bins(milk, berlin) == {"RECV": 12}


def test_the_page_of_a_lot_tells_where_it_came_from_and_whom_it_went_to(admin, milk, berlin):
    a = lot(milk, "A", SOON)
    shelf = put(milk, berlin, 3, a, reference="PO-7")
    stock.allocate({(milk.pk, berlin.pk): 2}, reference="FO-9", by=SYSTEM)
    stock.pick(milk.pk, shelf.pk, 2, reference="FO-9", by=SYSTEM)
    stock.ship({(milk.pk, berlin.pk): 2}, reference="FO-9", by=SYSTEM)

    page = admin.get(a.get_absolute_url()).content.decode()

    assert "/inventory/purchases/PO-7/" in page
    assert "/search/?q=FO-9" in page
    assert [row.object for row in admin.get("/inventory/lots/?q=is:there").context["listing"].rows] == [a]
    assert admin.get("/inventory/lots/?q=is:over").context["listing"].rows == []
    assert "lot A" in admin.get("/inventory/skus/MILK/").content.decode()


def test_a_lot_is_adjusted_and_moved_by_itself(admin, milk, berlin):
    a, b = lot(milk, "A", SOON), lot(milk, "B", LATER)
    shelf = put(milk, berlin, 3, a)
    put(milk, berlin, 3, b)

    admin.post("/inventory/skus/MILK/adjust/", {"bin": f"{shelf.pk}:{b.pk}", "delta": -1, "reason": "lost"})
    target = berlin.bins.get(code="A-02").pk
    admin.post("/inventory/skus/MILK/move/", {"source": f"{shelf.pk}:{b.pk}", "target": target, "quantity": 2})

    assert pieces(milk) == {("A-01", "A"): 3, ("A-02", "B"): 2}
