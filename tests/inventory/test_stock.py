"""Counters, bins and ledger move together or not at all."""

import pytest
from django.db import IntegrityError, transaction

from inventory import signals, stock
from inventory.models import StockLevel, StockMovement
from oms.common.actors import SYSTEM, Actor
from tests.factories.inventory import put
from tests.inventory.books import bins, breaches, level

ANNA = Actor("user", "Anna")


def key(sku, location):
    return sku.pk, location.pk


def test_received_units_can_be_promised_at_once_and_lie_in_the_receiving_bin(mug, berlin):
    stock.receive({key(mug, berlin): 5}, reference="PO-1", by=ANNA)

    assert level(mug, berlin) == {"on_hand": 5, "available": 5}
    assert bins(mug, berlin) == {"RECV": 5}
    row = StockMovement.objects.get()
    assert (row.kind, row.on_hand, row.quantity, row.reference, row.actor_label) == ("received", 5, 5, "PO-1", "Anna")
    assert breaches() == {}


def test_allocate_promises_all_or_nothing(mug, lamp, berlin):
    put(mug, berlin, 5)
    put(lamp, berlin, 1)

    with pytest.raises(stock.Short) as refused:
        stock.allocate({key(mug, berlin): 2, key(lamp, berlin): 3}, reference="FO-1", by=SYSTEM)

    assert refused.value.shortfalls == (stock.Shortfall(lamp.pk, berlin.pk, 3, 1),)
    assert str(refused.value) == "Not enough stock. LAMP at Berlin: 3 wanted, 1 available."
    assert level(mug, berlin) == {"on_hand": 5, "available": 5}


def test_partial_allocation_grants_what_there_is(mug, lamp, berlin, hamburg):
    put(mug, berlin, 2)
    wants = {key(mug, berlin): 3, key(lamp, berlin): 1, key(mug, hamburg): 1}

    assert stock.allocate(wants, reference="FO-1", partial=True, by=SYSTEM) == {key(mug, berlin): 2}
    assert level(mug, berlin) == {"on_hand": 2, "allocated": 2}
    assert breaches() == {}


def test_safety_stock_is_not_promised(mug, berlin):
    put(mug, berlin, 5)
    stock.set_safety(mug.pk, berlin.pk, 4, by=ANNA)

    assert stock.allocate({key(mug, berlin): 3}, reference="FO-1", partial=True, by=SYSTEM) == {key(mug, berlin): 1}


def test_released_units_can_be_promised_again(mug, berlin):
    put(mug, berlin, 5)
    stock.allocate({key(mug, berlin): 5}, reference="FO-1", by=SYSTEM)
    stock.release({key(mug, berlin): 2}, reference="FO-1", by=SYSTEM)

    assert level(mug, berlin) == {"on_hand": 5, "allocated": 3, "available": 2}
    with pytest.raises(stock.StockRefused, match="Only 3 of these 4 units are allocated"):
        stock.release({key(mug, berlin): 4}, reference="FO-1", by=SYSTEM)


def test_picked_units_pass_through_staging_and_leave(mug, berlin):
    shelf = put(mug, berlin, 5)
    stock.allocate({key(mug, berlin): 3}, reference="FO-1", by=SYSTEM)
    stock.pick(mug.pk, shelf.pk, 3, reference="FO-1", by=ANNA)
    assert bins(mug, berlin) == {"A-01": 2, "STAGE": 3}

    stock.put_back(mug.pk, shelf.pk, 1, reference="FO-1", by=ANNA)
    assert bins(mug, berlin) == {"A-01": 3, "STAGE": 2}

    stock.ship({key(mug, berlin): 2}, reference="SH-1", by=ANNA)
    assert bins(mug, berlin) == {"A-01": 3}
    assert level(mug, berlin) == {"on_hand": 3, "allocated": 1, "available": 2}
    assert breaches() == {}


def test_a_shelf_gives_no_more_than_it_holds(mug, berlin):
    shelf = put(mug, berlin, 2)

    with pytest.raises(stock.StockRefused, match="A-01 holds 2, not 3"):
        stock.pick(mug.pk, shelf.pk, 3, reference="FO-1", by=ANNA)

    assert bins(mug, berlin) == {"A-01": 2}


def test_units_that_were_not_picked_do_not_leave(mug, berlin):
    put(mug, berlin, 2)
    stock.allocate({key(mug, berlin): 2}, reference="FO-1", by=SYSTEM)

    with pytest.raises(IntegrityError), transaction.atomic():
        stock.ship({key(mug, berlin): 2}, reference="SH-1", by=ANNA)

    assert level(mug, berlin) == {"on_hand": 2, "allocated": 2}


def test_promised_units_are_neither_lost_nor_set_aside_in_silence(mug, berlin):
    shelf = put(mug, berlin, 3)
    stock.allocate({key(mug, berlin): 2}, reference="FO-1", by=SYSTEM)

    for verb in (
        lambda: stock.adjust(mug.pk, shelf.pk, -2, reason="lost", by=ANNA),
        lambda: stock.damage(mug.pk, shelf.pk, 2, reason="wet", by=ANNA),
    ):
        with pytest.raises(stock.StockRefused, match="Only 1 units are free"):
            verb()

    stock.adjust(mug.pk, shelf.pk, -1, reason="lost", by=ANNA)
    assert level(mug, berlin) == {"on_hand": 2, "allocated": 2}


def test_damaged_units_are_kept_apart_and_can_come_back(mug, berlin):
    shelf = put(mug, berlin, 3)
    stock.damage(mug.pk, shelf.pk, 2, reason="wet", by=ANNA)
    assert level(mug, berlin) == {"on_hand": 3, "damaged": 2, "available": 1}
    assert bins(mug, berlin) == {"A-01": 1, "QUAR": 2}

    stock.undamage(mug.pk, shelf.pk, 1, by=ANNA)
    assert level(mug, berlin) == {"on_hand": 3, "damaged": 1, "available": 2}
    assert breaches() == {}


def test_returned_units_are_restocked_or_set_aside(mug, berlin):
    stock.restock(mug.pk, berlin.pk, berlin.bins.get(code="A-02"), 2, reference="RMA-1", by=ANNA)
    stock.restock(mug.pk, berlin.pk, berlin.bins.get(code="QUAR"), 1, damaged=True, reference="RMA-1", by=ANNA)

    assert level(mug, berlin) == {"on_hand": 3, "damaged": 1, "available": 2}
    with pytest.raises(stock.StockRefused, match="A-02 is not a bin for damaged units"):
        stock.restock(mug.pk, berlin.pk, berlin.bins.get(code="A-02"), 1, damaged=True, reference="RMA-1", by=ANNA)
    assert breaches() == {}


def test_an_adjustment_is_undone_once_by_its_opposite(mug, berlin):
    shelf = put(mug, berlin, 3)
    row = stock.adjust(mug.pk, shelf.pk, -2, reason="lost", by=ANNA)

    undone = StockMovement.objects.get(pk=stock.undo(row, by=ANNA))

    assert (undone.on_hand, undone.undoes_id, undone.reason) == (2, row, "undo: lost")
    assert bins(mug, berlin) == {"A-01": 3}
    with pytest.raises(stock.StockRefused, match="undone already"):
        stock.undo(row, by=ANNA)
    assert breaches() == {}


def test_a_find_that_was_promised_since_is_not_undone(mug, berlin):
    shelf = berlin.bins.get(code="A-01")
    row = stock.adjust(mug.pk, shelf.pk, 2, reason="found", by=ANNA)
    stock.allocate({key(mug, berlin): 1}, reference="FO-1", by=SYSTEM)

    with pytest.raises(stock.StockRefused, match="promised by now"):
        stock.undo(row, by=ANNA)


def test_the_ledger_refuses_to_be_edited(mug, berlin):
    put(mug, berlin, 3)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        StockMovement.objects.update(on_hand=99)


def test_a_counter_that_left_its_ledger_is_found(mug, berlin):
    put(mug, berlin, 3)
    StockLevel.objects.update(on_hand=4)

    assert sorted(breaches()) == [
        "Every stock counter is the sum of its movements",
        "The bins of a level sum to what is on hand, those in quarantine to what is damaged",
    ]


@pytest.mark.django_db(transaction=True)
def test_news_is_told_after_commit_and_only_when_there_is_more_to_promise():
    from tests.factories.inventory import LocationFactory, SkuFactory

    berlin, mug = LocationFactory(), SkuFactory()
    told = []
    receiver = lambda sku_id, location_id, **_: told.append((sku_id, location_id))  # noqa: E731
    signals.stock_increased.connect(receiver)
    try:
        put(mug, berlin, 3)
        stock.allocate({key(mug, berlin): 3}, reference="FO-1", by=SYSTEM)
        assert told == [key(mug, berlin)]
        with pytest.raises(RuntimeError), transaction.atomic():
            stock.release({key(mug, berlin): 1}, reference="FO-1", by=SYSTEM)
            raise RuntimeError
        assert told == [key(mug, berlin)]
    finally:
        signals.stock_increased.disconnect(receiver)
