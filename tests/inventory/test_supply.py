"""Purchases, transfers and reservations: what is due, what came, what is kept back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import availability, purchasing, reservations, stock, transfers
from inventory.models import Reservation
from oms.common.actors import SYSTEM, Actor
from oms.common.errors import Refused
from oms.common.models import ExceptionCase
from tests.factories.inventory import SupplierFactory, put
from tests.inventory.books import bins, breaches, level

ANNA = Actor("user", "Anna")
SOON = timezone.now() + timedelta(days=3)


@pytest.fixture
def purchase(mug, lamp, berlin):
    draft = purchasing.create(SupplierFactory(), berlin, {mug: 5, lamp: 2}, expected_at=SOON, by=ANNA)
    return purchasing.place(draft, by=ANNA)


def test_a_placed_purchase_is_supply_that_is_due(purchase, mug, berlin):
    assert availability.incoming([mug.pk]) == [availability.Supply(purchase.number, mug.pk, berlin.pk, 5, SOON)]


def test_a_draft_is_not(mug, berlin):
    purchasing.create(SupplierFactory(), berlin, {mug: 5}, expected_at=SOON, by=ANNA)

    assert availability.incoming([mug.pk]) == []


def test_parts_of_a_purchase_come_good_damaged_short_and_over(purchase, mug, lamp, berlin):
    mugs, lamps = purchase.lines.get(sku=mug), purchase.lines.get(sku=lamp)
    purchasing.receive(mugs, 3, damaged=1, bin=berlin.bins.get(code="A-02"), by=ANNA)
    purchase.refresh_from_db()
    assert purchase.state == "partially_received"
    assert bins(mug, berlin) == {"A-02": 2, "QUAR": 1}
    assert [supply.quantity for supply in availability.incoming([mug.pk])] == [2]

    purchasing.receive(lamps, 3, by=ANNA)
    purchasing.close_short(purchase, by=ANNA)
    purchase.refresh_from_db()
    assert (purchase.state, level(lamp, berlin)) == ("received", {"on_hand": 3, "available": 3})
    assert availability.incoming([mug.pk, lamp.pk]) == []
    with pytest.raises(purchasing.NotReceivable, match="is received: nothing is due"):
        purchasing.receive(mugs, 1, by=ANNA)
    assert breaches() == {}


def test_the_last_unit_completes_a_purchase(purchase, mug, lamp):
    purchasing.receive(purchase.lines.get(sku=mug), 5, by=ANNA)
    purchasing.receive(purchase.lines.get(sku=lamp), 2, by=ANNA)

    purchase.refresh_from_db()
    assert purchase.state == "received"


def test_a_transfer_reserves_leaves_and_arrives(mug, berlin, hamburg):
    put(mug, berlin, 2)
    put(mug, berlin, 3, shelf="A-02")
    transfer = transfers.create(berlin, hamburg, {mug: 4}, expected_at=SOON, by=ANNA)
    assert level(mug, berlin) == {"on_hand": 5, "reserved": 4, "available": 1}
    assert [(s.location_id, s.quantity) for s in availability.incoming([mug.pk])] == [(hamburg.pk, 4)]

    transfers.ship(transfer, by=ANNA)
    assert (level(mug, berlin), bins(mug, berlin)) == ({"on_hand": 1, "available": 1}, {"A-02": 1})

    transfers.receive(transfer, {transfer.lines.get().pk: 3}, by=ANNA)
    assert level(mug, hamburg) == {"on_hand": 3, "available": 3}
    case = ExceptionCase.objects.get()
    assert (case.title, case.detail) == (f"{transfer.number} arrived short", "Did not come: 1 × MUG.")
    assert availability.incoming([mug.pk]) == []
    assert breaches() == {}


def test_a_transfer_of_more_than_there_is_is_refused(mug, berlin, hamburg):
    put(mug, berlin, 2)

    with pytest.raises(stock.Short, match="MUG at Berlin: 3 wanted, 2 available"):
        transfers.create(berlin, hamburg, {mug: 3}, expected_at=SOON, by=ANNA)


def test_a_cancelled_transfer_gives_its_units_back(mug, berlin, hamburg):
    put(mug, berlin, 2)
    transfer = transfers.create(berlin, hamburg, {mug: 2}, expected_at=SOON, by=ANNA)
    transfers.cancel(transfer, by=ANNA)

    assert level(mug, berlin) == {"on_hand": 2, "available": 2}
    with pytest.raises(Refused, match="can't become on its way"):
        transfers.ship(transfer, by=ANNA)


def test_reservations_run_out(mug, berlin):
    put(mug, berlin, 3)
    past = timezone.now() - timedelta(seconds=1)
    reservations.hold("Mrs Doe", {(mug.pk, berlin.pk): 2}, until=past, by=ANNA)
    reservations.hold("Mr Poe", {(mug.pk, berlin.pk): 1}, until=SOON, by=ANNA)

    assert reservations.expire() == 1
    assert reservations.expire() == 0
    assert list(Reservation.objects.values_list("holder", flat=True)) == ["Mr Poe"]
    assert level(mug, berlin) == {"on_hand": 3, "reserved": 1, "available": 2}
    assert breaches() == {}


def test_available_to_sell_sums_places_that_are_open(mug, lamp, berlin, hamburg):
    put(mug, berlin, 3)
    put(mug, hamburg, 2)
    stock.set_safety(mug.pk, hamburg.pk, 5, by=SYSTEM)

    assert availability.ats([mug.pk, lamp.pk]) == {mug.pk: 3, lamp.pk: 0}
    assert availability.atp([mug.pk, lamp.pk]) == {(mug.pk, berlin.pk): 3}
