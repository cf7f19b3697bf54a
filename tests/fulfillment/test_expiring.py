"""Lots that are over though they were promised: good units serve the promise, else the order is sourced again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fulfillment import cancellation, expiring, interception, picking, sourcing
from fulfillment.models import Intercept, PickTask
from inventory import lots, reservations, stock
from inventory.models import BinStock, Lot
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from tests.factories.fulfillment import person, released, routed
from tests.factories.inventory import SkuFactory
from tests.fulfillment.books import breaches, counters, waiting, work

NOW, TODAY = timezone.now(), timezone.localdate()


@pytest.fixture
def milk(db):
    return SkuFactory(code="MILK", tracks="lot")


def kept(milk, location, shelf, code, units, *, days):
    lot = lots.take_in(milk, code, TODAY + timedelta(days=days))
    key, bin = (milk.pk, location.pk), location.bins.get(code=shelf)
    stock.receive({key: units}, bin=bin, lot=lot.pk, reference="PO-1", by=SYSTEM)


def spoil(code="A7"):
    Lot.objects.filter(code=code).update(expires_on=TODAY - timedelta(days=1))


def there(location):
    rows = BinStock.objects.filter(bin__location=location, quantity__gt=0)
    return {(bin, code): units for bin, code, units in rows.values_list("bin__code", "lot__code", "quantity")}


def stops(order):
    rows = PickTask.objects.filter(fulfillment_line__fulfillment_order__order=order).order_by("pk")
    return [tuple(row) for row in rows.values_list("bin__code", "lot__code", "quantity", "picked", "state")]


def cases():
    return list(ExceptionCase.objects.unresolved().filter(kind="lot.expired").values_list("title", flat=True))


def test_the_stops_of_a_list_lead_to_a_good_lot_when_there_is_one(berlin, milk, lead):
    kept(milk, berlin, "A-01", "A7", 3, days=5)
    kept(milk, berlin, "A-02", "B1", 3, days=50)
    order, [one] = routed({milk: 2})
    released(one, by=lead)
    assert stops(order) == [("A-01", "A7", 2, 0, "pending")]
    spoil()

    assert (expiring.sweep(), expiring.sweep()) == (3, 0)

    assert there(berlin) == {("QUAR", "A7"): 3, ("A-02", "B1"): 3}
    assert stops(order) == [("A-01", "A7", 0, 0, "cancelled"), ("A-02", "B1", 2, 0, "pending")]
    assert (work(order), cases(), breaches()) == ([("BER", "released", 2)], [], {})
    mine = picking.claim(lead, berlin)
    task = picking.next_task(mine)
    picking.scan_bin(task, "A-02", by=lead)
    picking.scan_item(task, "MILK", quantity=2, by=lead)
    assert there(berlin)["STAGE", "B1"] == 2


def test_what_no_good_unit_can_serve_is_given_back_by_the_newest_order_and_sourced_elsewhere(
    berlin, hamburg, milk, lead
):
    kept(milk, berlin, "A-01", "A7", 2, days=5)
    kept(milk, berlin, "A-02", "B1", 1, days=50)
    old, [first] = routed({milk: 1}, placed_at=NOW - timedelta(days=2))
    new, [second] = routed({milk: 2}, placed_at=NOW)
    released(first, by=lead)
    released(second, by=lead)
    kept(milk, hamburg, "A-01", "C3", 5, days=90)
    spoil()

    moved, told = expiring.clear((milk.pk, berlin.pk), by=lead)

    assert (moved, told.units) == (2, [(new.number, "MILK", 2)])
    assert stops(old)[-1] == ("A-02", "B1", 1, 0, "pending")
    sourcing.route(new.pk, by=SYSTEM)
    assert work(new) == [("BER", "cancelled", 0), ("HAM", "open", 2)]
    assert (work(old), cases(), breaches()) == ([("BER", "released", 1)], [], {})


def test_what_nobody_has_waits(berlin, milk):
    kept(milk, berlin, "A-01", "A7", 2, days=5)
    order, _ = routed({milk: 2})
    spoil()

    expiring.sweep()
    sourcing.route(order.pk, by=SYSTEM)

    assert (counters(order), waiting(order)) == ([{"backordered": 2}], [("MILK", 2, "")])
    assert (there(berlin), breaches()) == ({("QUAR", "A7"): 2}, {})


def test_picked_units_open_a_case_until_they_are_put_back(berlin, milk, lead):
    kept(milk, berlin, "A-01", "A7", 2, days=5)
    order, [one] = routed({milk: 2})
    mine = picking.claim(lead, berlin, pick_list=released(one, by=lead))
    task = picking.next_task(mine)
    picking.scan_bin(task, "A-01", by=lead)
    picking.scan_item(task, "MILK", by=lead)
    spoil()

    assert expiring.sweep() == 1
    assert cases() == ["Lot A7 of MILK is over and picked"]
    assert there(berlin) == {("STAGE", "A7"): 1, ("QUAR", "A7"): 1}
    cancellation.cancel(order, reason="spoiled", by=lead)
    interception.honour(Intercept.objects.get(), by=lead)
    assert expiring.sweep() == 1

    assert (there(berlin), cases(), breaches()) == ({("QUAR", "A7"): 2}, [], {})


def test_units_kept_back_by_name_open_a_case(berlin, milk):
    kept(milk, berlin, "A-01", "A7", 3, days=5)
    reservations.hold("Mrs Doe", {(milk.pk, berlin.pk): 2}, until=NOW + timedelta(days=1), by=SYSTEM)
    spoil()

    assert expiring.sweep() == 1
    assert cases() == ["Lot A7 of MILK is over and promised"]
    reservations.drop("Mrs Doe", by=SYSTEM)
    assert (expiring.sweep(), cases()) == (2, [])


def test_a_lead_sets_a_lot_aside_from_its_page(berlin, milk, client):
    kept(milk, berlin, "A-01", "A7", 2, days=5)
    order, _ = routed({milk: 1})
    lot = Lot.objects.get()
    client.force_login(person("lead"))
    assert "Set it aside now" not in client.get(lot.get_absolute_url()).content.decode()
    spoil()
    assert "Set it aside now" in client.get(lot.get_absolute_url()).content.decode()

    client.post(f"/inventory/lots/{lot.pk}/set-aside/")

    page = client.get(lot.get_absolute_url()).content.decode()
    assert f"2 units set aside. Sourced again: {order.number}." in page
    assert "Set it aside now" not in page
    client.force_login(person("picker"))
    assert client.post(f"/inventory/lots/{lot.pk}/set-aside/").status_code == 403
