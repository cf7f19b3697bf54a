"""A bin with several lots is counted lot by lot; how far a count may be off is the place's own setting."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory import counting, lots, stock
from inventory.models import BinStock, Lot, StockMovement
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.factories.inventory import BarcodeFactory, SkuFactory, put
from tests.inventory.books import breaches, level

SOON = timezone.localdate() + timedelta(days=20)


@pytest.fixture
def milk(db):
    return SkuFactory(code="MILK", name="Milk", tracks="lot")


def someone(name, role="lead"):
    return User.objects.create_user(f"{name}@example.com", "x", name=name.title(), role=role, all_locations=True)


@pytest.fixture
def anna(db):
    return someone("anna")


@pytest.fixture
def ben(db):
    return someone("ben")


@pytest.fixture
def shelf(milk, berlin):
    """Six of A7, four of B1."""
    shelf = berlin.bins.get(code="A-01")
    for code, units in (("A7", 6), ("B1", 4)):
        lot = lots.take_in(milk, code, SOON)
        stock.receive({(milk.pk, berlin.pk): units}, bin=shelf, lot=lot.pk, reference="PO-1", by=SYSTEM)
    return shelf


def planned(location, *codes):
    return counting.plan(location, bins=location.bins.filter(code__in=codes), by=SYSTEM)


def lines(count):
    return [
        (line.sku.code, line.lot and line.lot.code, line.expected, line.counted) for line in counting.differences(count)
    ]


def there(sku):
    rows = BinStock.objects.filter(sku=sku, quantity__gt=0)
    return {(bin, code): units for bin, code, units in rows.values_list("bin__code", "lot__code", "quantity")}


def test_lots_that_agree_post_nothing(milk, berlin, shelf, anna):
    count = planned(berlin, "A-01")
    row = counting.begin(count, "A-01", by=anna)
    counting.say(row, "MILK", 6, lot="a7", by=anna)
    counting.say(row, "MILK", 4, lot="B1", by=anna)

    assert counting.finish(row, by=anna).state == "agreed"


def test_the_difference_of_each_lot_is_its_own_ledger_row(milk, berlin, shelf, anna, ben):
    count = planned(berlin, "A-01")
    row = counting.begin(count, "A-01", by=anna)
    counting.say(row, "MILK", 5, lot="A7", by=anna)
    counting.say(row, "MILK", 5, lot="B1", by=anna)
    assert counting.finish(row, by=anna).state == "differs"
    assert lines(count) == [("MILK", "A7", 6, 5), ("MILK", "B1", 4, 5)]

    counting.post(count, by=ben)

    rows = StockMovement.objects.filter(reference=count.number).order_by("pk")
    assert [(row.lot.code, row.on_hand) for row in rows] == [("A7", -1), ("B1", 1)]
    assert there(milk) == {("A-01", "A7"): 5, ("A-01", "B1"): 5}
    assert (level(milk, berlin)["on_hand"], breaches()) == (10, {})


def test_a_lot_that_nobody_found_is_gone_after_a_second_look(milk, berlin, shelf, anna, ben):
    count = planned(berlin, "A-01")
    for who, state in ((anna, "recount"), (ben, "differs")):
        row = counting.begin(count, "A-01", by=who)
        counting.say(row, "MILK", 6, lot="A7", by=who)
        assert counting.finish(row, by=who).state == state
    assert lines(count) == [("MILK", "B1", 4, 0)]

    counting.post(count, by=ben)

    assert there(milk) == {("A-01", "A7"): 6}


def test_the_lot_is_asked_for_and_read_from_the_barcode(milk, berlin, shelf, anna):
    BarcodeFactory(sku=milk, code="04012345000009")
    row = counting.begin(planned(berlin, "A-01"), "A-01", by=anna)

    with pytest.raises(counting.WhichLot, match="kept by lot"):
        counting.scan(row, "MILK", by=anna)
    with pytest.raises(counting.WhichLot, match="No lot C3 of MILK is known"):
        counting.scan(row, "MILK", lot="C3", by=anna)
    counting.scan(row, "]d201040123450000091730013110C3", by=anna)
    counting.scan(row, "]d2010401234500000910B1", quantity=4, by=anna)
    counting.say(row, "MILK", 1, lot="?", by=anna)

    found = [(line.lot and line.lot.code, line.expected, line.counted) for line in row.lines.order_by("pk")]
    assert found == [("C3", 0, 1), ("B1", 4, 4), (None, 0, 1)]
    assert str(Lot.objects.get(code="C3").expires_on) == "2030-01-31"


def test_units_of_one_lot_that_move_begin_its_line_anew_and_leave_the_other(milk, berlin, shelf, anna):
    row = counting.begin(planned(berlin, "A-01"), "A-01", by=anna)
    for lot in ("A7", "B1"):
        counting.scan(row, "MILK", lot=lot, quantity=2, by=anna)
    stock.move(milk.pk, shelf.pk, berlin.bins.get(code="A-02").pk, 1, lot=Lot.objects.get(code="A7").pk, by=SYSTEM)

    assert counting.scan(row, "MILK", lot="A7", by=anna).line is None
    line = counting.scan(row, "MILK", lot="B1", quantity=2, by=anna).line
    assert (line.expected, line.counted) == (4, 4)


def test_found_units_that_carry_no_lot_have_none(milk, berlin, shelf, anna, ben):
    count = planned(berlin, "A-02")
    row = counting.begin(count, "A-02", by=anna)
    counting.say(row, "MILK", 1, lot="?", by=anna)
    counting.finish(row, by=anna)

    counting.post(count, by=ben)

    assert there(milk)["A-02", None] == 1
    assert breaches() == {}


@pytest.mark.parametrize(
    ("facts", "counted", "state"),
    [
        ({}, 98, "differs"),
        ({}, 97, "recount"),
        ({"recount_units": 5}, 95, "differs"),
        ({"recount_units": 0, "recount_percent": 0}, 99, "recount"),
        ({"recount_percent": 10}, 90, "differs"),
        ({"recount_value": Decimal("19.99")}, 98, "recount"),
        ({"recount_value": Decimal("20")}, 98, "differs"),
    ],
)
def test_how_far_a_count_may_be_off_is_the_places_setting(berlin, mug, anna, facts, counted, state):
    """A hundred mugs at 10.00 each."""
    for name, value in facts.items():
        setattr(berlin, name, value)
    berlin.save()
    put(mug, berlin, 100)
    row = counting.begin(planned(berlin, "A-01"), "A-01", by=anna)
    counting.say(row, "MUG", counted, by=anna)

    assert counting.finish(row, by=anna).state == state


def test_the_handheld_asks_for_the_lot_and_the_desk_shows_it(milk, berlin, shelf, ben, client):
    client.force_login(ben)
    count = planned(berlin, "A-01")
    page = f"/inventory/counts/{count}/scan/"
    client.post(f"{page}code/", {"code": "A-01"})

    asks = client.post(f"{page}code/", {"code": "MILK"})
    assert asks.status_code == 422
    assert 'name="lot"' in asks.content.decode()
    client.post(f"{page}units/", {"code": "MILK", "lot": "A7", "units": 6})
    client.post(f"{page}code/", {"code": "MILK", "lot": "B1", "quantity": 3})
    assert "lot <code>A7</code>" in client.get(page).content.decode()
    client.post(f"{page}done/")

    shown = client.get(f"/inventory/counts/{count}/").content.decode()
    assert f'lot <a href="{Lot.objects.get(code="B1").get_absolute_url()}">B1</a>' in shown
    assert ">A7<" not in shown
