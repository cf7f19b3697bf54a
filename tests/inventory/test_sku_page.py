"""The page of a SKU: where its units are, why they can't be sold, what moved, what comes, and how fast it answers."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from inventory import availability, buffers, days, explaining, purchasing, reservations, stock, transfers
from inventory.models import StockDay, StockLevel
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.factories.fulfillment import routed
from tests.factories.inventory import LocationFactory, SupplierFactory, put

SOON = timezone.now() + timedelta(days=3)
URL = "/inventory/skus/MUG/"


@pytest.fixture
def admin(client, db):
    user = User.objects.create_user("admin@example.com", "x", name="Ada", role="admin", all_locations=True)
    client.force_login(user)
    return client


def text(response) -> str:
    return response.content.decode()


def levels(sku):
    return list(StockLevel.objects.filter(sku=sku).select_related("location").order_by("location__name"))


def test_each_cause_has_a_line(mug, berlin, hamburg):
    shelf = put(mug, berlin, 20)
    put(mug, hamburg, 4)
    stock.allocate({(mug.pk, berlin.pk): 5}, reference="FO-1", by=SYSTEM)
    stock.damage(mug.pk, shelf.pk, 1, by=SYSTEM)
    stock.set_safety(mug.pk, berlin.pk, 2, by=SYSTEM)
    reservations.hold("Mrs Doe", {(mug.pk, berlin.pk): 3}, until=SOON, by=SYSTEM)
    buffers.keep("shop", units=4, by=SYSTEM)
    hamburg.active = False
    hamburg.save()

    found = explaining.causes(levels(mug), availability.buffers([mug.pk])[mug.pk])

    assert [(cause.name, cause.units) for cause in found] == [
        ("Allocated", 5), ("Kept back", 3), ("Set aside", 1), ("Safety stock", 2), ("Hamburg", 4), ("Channel shop", 4)
    ]  # fmt: skip
    assert explaining.totals(levels(mug))["available"] == 9


def test_the_ledger_walks_back_from_what_is_there(admin, mug, berlin, hamburg):
    shelf = put(mug, berlin, 9, reference="PO-1")
    put(mug, hamburg, 5)
    stock.adjust(mug.pk, shelf.pk, -2, reason="lost", by=SYSTEM)

    def told(query=""):
        return [(entry.change, entry.balance) for entry in admin.get(URL + query).context["entries"]]

    assert told() == [(-2, 12), (5, 14), (9, 9)]
    assert told("?place=BER") == [(-2, 7), (9, 9)]
    assert told("?counter=allocated") == []
    assert told("?counter=nonsense&place=nowhere") == [(-2, 12), (5, 14), (9, 9)]


def test_a_counter_has_its_own_history(admin, mug, berlin):
    put(mug, berlin, 9)
    for reference, units in (("FO-1", 2), ("FO-2", 3)):
        stock.allocate({(mug.pk, berlin.pk): units}, reference=reference, by=SYSTEM)
    stock.release({(mug.pk, berlin.pk): 1}, reference="FO-2", by=SYSTEM)

    entries = admin.get(URL + "?counter=allocated").context["entries"]

    assert [(e.row.reference, e.change, e.balance) for e in entries] == [
        ("FO-2", -1, 4),
        ("FO-2", 3, 5),
        ("FO-1", 2, 2),
    ]


def test_units_can_be_promised_when_they_come(mug, berlin, hamburg):
    put(mug, berlin, 3)
    now = timezone.now()
    for days_ahead in (5, 2, -1):
        purchase = purchasing.create(
            SupplierFactory(), berlin, {mug: 10}, expected_at=now + timedelta(days=days_ahead), by=SYSTEM
        )
        purchasing.place(purchase, by=SYSTEM)
    transfers.create(berlin, hamburg, {mug: 1}, expected_at=now + timedelta(days=3), by=SYSTEM)

    steps = availability.atp_by_date([mug.pk])[mug.pk]

    assert [step.units for step in steps] == [2, 12, 13, 23]
    assert steps[0].at is None
    assert [step.at for step in steps[1:]] == [now + timedelta(days=n) for n in (2, 3, 5)]


def test_who_holds_and_who_waits_is_shown_with_links(admin, mug, berlin):
    put(mug, berlin, 2)
    (held, _), (waits, _) = routed({mug: 2}), routed({mug: 5})

    page = text(admin.get(URL))

    work = held.fulfillment_orders.get()
    assert f'<a href="/fulfillment/{work.number}/">{work.number}</a>' in page
    assert f'<a href="/orders/{waits.number}/">{waits.number}</a>' in page
    assert availability.atp_by_date([mug.pk])[mug.pk][0].balance == -5


def test_days_that_are_over_are_added_up_once(mug, berlin, lamp):
    put(mug, berlin, 9)
    put(lamp, berlin, 1)
    stock.allocate({(mug.pk, berlin.pk): 4}, reference="FO-1", by=SYSTEM)
    tomorrow = timezone.now() + timedelta(days=1, minutes=15)

    before = days.history(mug.pk, 9, 5)
    assert days.add_up() == 0
    assert days.add_up(now=tomorrow) == 2
    assert days.add_up(now=tomorrow) == 0
    assert StockDay.objects.filter(sku=mug).values_list("on_hand", "promised", "shipped").get() == (9, 4, 0)
    assert days.history(mug.pk, 9, 5) == before
    assert [(day.on_hand, day.available) for day in before[-2:]] == [(0, 0), (9, 5)]


def test_weeks_end_today():
    rows = [days.Day(date(2026, 1, 1) + timedelta(days=n), 0, 0, 1) for n in range(90)]

    weeks = days.by_week(rows)

    assert len(weeks) == 12
    assert weeks[-1] == (date(2026, 3, 25), 7)


def test_the_page_asks_as_often_however_much_there_is(admin, mug, berlin, hamburg, django_assert_max_num_queries):
    put(mug, berlin, 3)
    admin.get(URL)
    for n in range(3):
        put(mug, LocationFactory(code=f"X{n}"), 5, reference=f"PO-{n}")
        routed({mug: 2})
        reservations.hold(f"Mrs {n}", {(mug.pk, berlin.pk): 1}, until=SOON, by=SYSTEM) if n == 0 else None

    with django_assert_max_num_queries(30):
        assert admin.get(URL).status_code == 200
