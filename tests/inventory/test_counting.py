"""Counts of bins: blind, twice when they differ much, approved by a lead, and never in the way of picking."""

import pytest

from inventory import counting, stock
from inventory.models import CountLine, StockMovement
from inventory.statuses import CountCause
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.models import ExceptionCase
from tests.factories.inventory import BarcodeFactory, put
from tests.inventory.books import bins, breaches, level


@pytest.fixture
def anna(db):
    return User.objects.create_user("anna@example.com", "x", name="Anna", role="picker", all_locations=True)


@pytest.fixture
def ben(db):
    return User.objects.create_user("ben@example.com", "x", name="Ben", role="lead", all_locations=True)


def planned(location, *codes, **facts):
    return counting.plan(location, bins=location.bins.filter(code__in=codes), by=SYSTEM, **facts)


def counted(count, bin, by, **units):
    """By this person: the bin, so many of each SKU, done."""
    row = counting.begin(count, bin, by=by)
    for code, many in units.items():
        counting.say(row, code, many, by=by)
    return counting.finish(row, by=by)


def test_a_count_that_agrees_closes_by_itself_and_posts_nothing(berlin, mug, anna):
    put(mug, berlin, 5)
    before = StockMovement.objects.count()
    count = planned(berlin, "A-01")
    BarcodeFactory(sku=mug, code="CARTON", quantity=3)

    row = counting.begin(count, "a-01", by=anna)
    for code in ("MUG", "MUG", "CARTON"):
        counting.scan(row, code, by=anna)
    row = counting.finish(row, by=anna)

    count.refresh_from_db()
    assert (row.state, count.state, StockMovement.objects.count()) == ("agreed", "closed", before)


def test_a_small_difference_waits_for_a_lead_and_becomes_a_ledger_row(berlin, mug, anna, ben):
    put(mug, berlin, 5)
    count = planned(berlin, "A-01")
    row = counted(count, "A-01", anna, MUG=4)
    count.refresh_from_db()
    assert (row.state, count.state, level(mug, berlin)["on_hand"]) == ("differs", "review", 5)
    assert ExceptionCase.objects.get(key=f"count:{count.number}").state == "open"

    counting.post(count, by=ben)
    counting.post(count, by=ben)

    count.refresh_from_db()
    row = StockMovement.objects.get(reference=count.number)
    assert (count.state, bins(mug, berlin), level(mug, berlin)["on_hand"]) == ("closed", {"A-01": 4}, 4)
    assert (row.kind, row.reason, row.on_hand, row.actor_label) == ("adjusted", "counted", -1, "Ben")
    assert ExceptionCase.objects.get(key=f"count:{count.number}").state == "resolved"
    assert breaches() == {}


def test_the_ledger_row_of_a_count_can_be_undone(berlin, mug, anna, ben):
    put(mug, berlin, 5)
    count = planned(berlin, "A-01")
    counted(count, "A-01", anna, MUG=6)
    counting.post(count, by=ben)

    stock.undo(StockMovement.objects.get(reference=count.number).pk, by=ben)

    assert (bins(mug, berlin), breaches()) == ({"A-01": 5}, {})


def test_a_large_difference_is_counted_again_by_another_person(berlin, mug, anna, ben):
    put(mug, berlin, 9)
    count = planned(berlin, "A-01")
    assert counted(count, "A-01", anna, MUG=4).state == "recount"

    with pytest.raises(counting.WrongScan, match="You counted A-01 before"):
        counting.begin(count, "A-01", by=anna)
    assert counting.next_bin(count, anna) is None
    assert counting.next_bin(count, ben).bin.code == "A-01"

    assert counted(count, "A-01", ben, MUG=9).state == "agreed"
    count.refresh_from_db()
    assert (count.state, level(mug, berlin)["on_hand"]) == ("closed", 9)


def test_the_second_count_decides(berlin, mug, anna, ben):
    put(mug, berlin, 9)
    count = planned(berlin, "A-01")
    counted(count, "A-01", anna, MUG=4)
    counted(count, "A-01", ben, MUG=5)

    assert [line.difference for line in counting.differences(count)] == [-4]
    counting.post(count, by=ben)
    assert level(mug, berlin)["on_hand"] == 5


def test_what_nobody_found_counts_as_nothing_and_what_nobody_knew_as_found(berlin, mug, lamp, anna, ben):
    put(mug, berlin, 1)
    count = planned(berlin, "A-01")
    counted(count, "A-01", anna, LAMP=1)

    assert [(line.sku.code, line.expected, line.counted) for line in counting.differences(count)] == [
        ("LAMP", 0, 1),
        ("MUG", 1, 0),
    ]
    counting.post(count, by=ben)
    assert (bins(mug, berlin), bins(lamp, berlin), breaches()) == ({}, {"A-01": 1}, {})


def test_what_moves_between_count_and_approval_stays_right(berlin, mug, anna, ben):
    shelf = put(mug, berlin, 10)
    count = planned(berlin, "A-01")
    counted(count, "A-01", anna, MUG=9)

    stock.allocate({(mug.pk, berlin.pk): 4}, reference="FO-1", by=SYSTEM)
    stock.pick(mug.pk, shelf.pk, 4, reference="FO-1", by=SYSTEM)
    stock.receive({(mug.pk, berlin.pk): 7}, bin=shelf, reference="PO-1", by=SYSTEM)
    counting.post(count, by=ben)

    assert bins(mug, berlin) == {"A-01": 12, "STAGE": 4}
    assert breaches() == {}


def test_units_that_move_between_two_scans_make_the_line_begin_anew(berlin, mug, anna):
    shelf = put(mug, berlin, 10)
    count = planned(berlin, "A-01")
    row = counting.begin(count, "A-01", by=anna)
    counting.scan(row, "MUG", quantity=5, by=anna)
    stock.allocate({(mug.pk, berlin.pk): 2}, reference="FO-1", by=SYSTEM)
    stock.pick(mug.pk, shelf.pk, 2, reference="FO-1", by=SYSTEM)

    assert counting.scan(row, "MUG", by=anna).line is None
    assert not row.lines.exists()
    line = counting.scan(row, "MUG", quantity=8, by=anna).line
    assert (line.expected, line.counted) == (8, 8)


def test_found_in_one_bin_pays_for_lost_in_another(berlin, mug, anna, ben):
    put(mug, berlin, 1)
    stock.allocate({(mug.pk, berlin.pk): 1}, reference="FO-1", by=SYSTEM)
    count = planned(berlin, "A-01", "A-02")
    counted(count, "A-01", anna)
    counted(count, "A-02", anna, MUG=1)

    counting.post(count, by=ben)

    assert (bins(mug, berlin), level(mug, berlin), breaches()) == ({"A-02": 1}, {"on_hand": 1, "allocated": 1}, {})


def test_promised_units_are_not_counted_away(berlin, mug, anna, ben):
    put(mug, berlin, 5)
    stock.allocate({(mug.pk, berlin.pk): 5}, reference="FO-1", by=SYSTEM)
    count = planned(berlin, "A-01")
    counted(count, "A-01", anna, MUG=4)

    with pytest.raises(stock.StockRefused, match="MUG: 1 are missing and only 0 are free"):
        counting.post(count, by=ben)
    assert level(mug, berlin) == {"on_hand": 5, "allocated": 5}


def test_a_bin_that_holds_less_by_now_is_counted_again(berlin, mug, anna, ben):
    shelf = put(mug, berlin, 1)
    count = planned(berlin, "A-01")
    row = counted(count, "A-01", anna)
    stock.move(mug.pk, shelf.pk, berlin.bins.get(code="A-02").pk, 1, by=SYSTEM)
    with pytest.raises(stock.StockRefused, match="A-01 holds 0 of MUG, not 1"):
        counting.post(count, by=ben)

    counting.send_back(row, by=ben)
    counting.send_back(row, by=ben)

    count.refresh_from_db()
    assert (count.state, counting.next_bin(count, anna)) == ("open", None)
    assert counted(count, "A-01", ben).state == "agreed"


def test_a_bin_is_in_one_open_count_only(berlin, mug):
    planned(berlin, "A-01")

    with pytest.raises(Refused, match="being counted already"):
        planned(berlin, "A-01")
    assert [row.bin.code for row in planned(berlin, "A-01", "A-02").bins.all()] == ["A-02"]


def test_whoever_asks_again_is_led_to_the_open_count(berlin):
    bin = berlin.bins.get(code="A-01")
    first = counting.ask(bin, cause=CountCause.SHORT_PICK, by=SYSTEM)

    assert counting.ask(bin, cause=CountCause.ZERO_CHECK, by=SYSTEM) == first
    assert (first.cause, first.number.startswith("CC-")) == ("short_pick", True)


def test_a_sku_is_counted_where_it_lies_and_nothing_else_is(berlin, mug, lamp, anna):
    put(mug, berlin, 2)
    put(mug, berlin, 3, shelf="A-03")
    put(lamp, berlin, 8)
    count = counting.plan(berlin, skus=[mug], by=SYSTEM)
    assert [row.bin.code for row in count.bins.order_by("bin__code")] == ["A-01", "A-03"]

    row = counting.begin(count, "A-01", by=anna)
    with pytest.raises(counting.WrongScan, match="Only MUG is counted in A-01"):
        counting.scan(row, "LAMP", by=anna)
    counting.say(row, "MUG", 2, by=anna)
    assert counting.finish(row, by=anna).state == "agreed"
    assert CountLine.objects.count() == 1


def test_two_people_never_count_the_same_bin_at_once(berlin, anna, ben):
    count = planned(berlin, "A-01", "A-02")
    row = counting.begin(count, "A-01", by=anna)
    with pytest.raises(counting.WrongScan, match="Anna is counting A-01"):
        counting.begin(count, "A-01", by=ben)
    assert counting.next_bin(count, ben).bin.code == "A-02"

    counting.give_back(row, by=anna)

    assert counting.begin(count, "A-01", by=ben).counter == ben
    with pytest.raises(counting.WrongScan, match="You are not counting A-01"):
        counting.scan(row, "MUG", by=anna)


def test_a_cancelled_count_frees_its_bins(berlin, anna):
    count = planned(berlin, "A-01")
    counting.begin(count, "A-01", by=anna)
    counting.cancel(count, by=anna)
    counting.cancel(count, by=anna)

    count.refresh_from_db()
    assert (count.state, count.closed_by_label) == ("cancelled", "Anna")
    assert planned(berlin, "A-01").bins.count() == 1


def test_a_bin_left_out_posts_nothing(berlin, mug, anna, ben):
    put(mug, berlin, 5)
    count = planned(berlin, "A-01")
    row = counted(count, "A-01", anna, MUG=4)
    counting.leave_out(row, by=ben)

    count.refresh_from_db()
    assert (count.state, level(mug, berlin)["on_hand"]) == ("closed", 5)


def test_damaged_units_are_counted_in_quarantine(berlin, mug, anna, ben):
    shelf = put(mug, berlin, 3)
    stock.damage(mug.pk, shelf.pk, 2, by=SYSTEM)
    count = planned(berlin, "QUAR")
    counted(count, "QUAR", anna, MUG=1)
    counting.post(count, by=ben)

    assert level(mug, berlin) == {"on_hand": 2, "damaged": 1, "available": 1}
    assert breaches() == {}
