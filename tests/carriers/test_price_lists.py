"""Own rate tables as prices by weight, for those who compare many places at once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from carriers import price_lists
from carriers.models import Service, Surcharge
from oms.common.addresses import PostalAddress
from tests.factories.carriers import BERLIN, HAMBURG, MONDAY_NOON, AccountFactory, tariff

pytestmark = pytest.mark.django_db
VIENNA = PostalAddress(name="N", line1="S 1", city="Wien", postal_code="1010", country="AT")
AUSTRIA = {"Austria": (["AT"], [])}


def lists(to=HAMBURG, at=MONDAY_NOON, currency="EUR"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {price_lists.VERSION}")
        version = cursor.fetchone()[0]
    found = price_lists.book(currency, version).lists(BERLIN, to, at)
    return [(one.name, one.divisor, one.steps) for one in found.lists]


def test_each_active_service_that_goes_there_has_a_list():
    account = AccountFactory(dim_divisor=4000)
    tariff(account, {"Germany": {2000: "4.90", 10000: "7.50"}})
    tariff(account, {"Germany": {2000: "9.90"}, "Austria": {2000: "12.00"}}, zones=AUSTRIA, code="express")
    tariff(account, {"Germany": {2000: "1.00"}}, code="asleep", active=False)
    tariff(account, {"Austria": {2000: "1.00"}}, zones=AUSTRIA, code="abroad", scope="international")

    assert lists() == [
        ("Express", 4000, ((2000, Decimal("9.90")),)),
        ("Standard", 4000, ((2000, Decimal("4.90")), (10000, Decimal("7.50")))),
    ]
    assert [(name, steps) for name, _, steps in lists(VIENNA)] == [
        ("Abroad", ((2000, Decimal("1.00")),)),
        ("Express", ((2000, Decimal("12.00")),)),
    ]


def test_surcharges_are_in_the_price_from_the_weight_at_which_they_begin():
    account = AccountFactory()
    tariff(account, {"Germany": {2000: "4.00", 10000: "8.00"}})
    Surcharge.objects.create(account=account, kind="fuel", name="Fuel", basis="rate", amount=Decimal(10))
    Surcharge.objects.create(
        account=account, kind="overweight", name="Heavy", amount=Decimal(3), above_weight_g=5000, residential_only=True
    )

    home, shop = lists(), lists(PostalAddress(**{**HAMBURG.__dict__, "company": "Shop Ltd"}))

    assert home[0][2] == ((2000, Decimal("4.40")), (5000, Decimal("8.80")), (10000, Decimal("11.80")))
    assert shop[0][2][-1] == (10000, Decimal("8.80"))


def test_a_service_takes_nothing_heavier_than_it_says():
    tariff(AccountFactory(), {"Germany": {2000: "4.00", 10000: "8.00"}}, max_weight_g=6000)

    assert lists()[0][2] == ((2000, Decimal("4.00")), (6000, Decimal("8.00")))


def test_new_prices_count_at_once_and_from_their_day_on():
    account = AccountFactory()
    tariff(account, {"Germany": {2000: "4.00"}})
    assert lists()[0][2] == ((2000, Decimal("4.00")),)

    tariff(account, {"Germany": {2000: "5.00"}}, valid_from=date(2026, 11, 24))

    assert lists()[0][2] == ((2000, Decimal("4.00")),)
    assert lists(at=MONDAY_NOON.replace(day=24))[0][2] == ((2000, Decimal("5.00")),)


def test_accounts_in_another_currency_and_those_that_are_asked_over_the_network_have_no_list():
    tariff(AccountFactory(currency="CHF"), {"Germany": {2000: "4.00"}})
    tariff(AccountFactory(provider="fake"), {"Germany": {2000: "4.00"}})

    assert lists() == []
    assert Service.objects.count() == 2


def test_like_destinations_share_what_was_worked_out():
    tariff(AccountFactory(), {"Germany": {2000: "4.00"}})
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {price_lists.VERSION}")
        book = price_lists.book("EUR", cursor.fetchone()[0])

    elsewhere = PostalAddress(**{**HAMBURG.__dict__, "postal_code": "80331"})

    here, there = (book.lists(BERLIN, to, MONDAY_NOON) for to in (HAMBURG, elsewhere))
    assert here is there


def promised(deliver_by, at=MONDAY_NOON) -> tuple[list[str], bool]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {price_lists.VERSION}")
        book = price_lists.book("EUR", cursor.fetchone()[0])
    found = book.lists(BERLIN, HAMBURG, at, deliver_by)
    return [one.name for one in found.lists], found.late


def test_services_that_would_arrive_after_the_promised_day_are_left_out():
    account = AccountFactory()
    tariff(account, {"Germany": {2000: "4.00"}}, transit_max_days=3)
    tariff(account, {"Germany": {2000: "9.00"}}, code="express", transit_max_days=1)

    assert promised(None) == (["Express", "Standard"], False)
    assert promised(MONDAY_NOON + timedelta(days=3)) == (["Express", "Standard"], False)
    assert promised(MONDAY_NOON + timedelta(days=2)) == (["Express"], False)
    assert promised(MONDAY_NOON + timedelta(days=1)) == (["Express"], False)


def test_where_no_service_is_in_time_the_earliest_is_meant_and_it_is_said_to_be_late():
    account = AccountFactory()
    tariff(account, {"Germany": {2000: "4.00"}}, transit_max_days=3)
    tariff(account, {"Germany": {2000: "9.00"}}, code="express", transit_max_days=1)

    assert promised(MONDAY_NOON) == (["Express"], True)


def test_transit_days_are_working_days_unless_the_service_works_on_saturdays():
    account, friday = AccountFactory(), MONDAY_NOON + timedelta(days=4)
    tariff(account, {"Germany": {2000: "4.00"}}, transit_max_days=1)
    tariff(account, {"Germany": {2000: "9.00"}}, code="weekend", transit_max_days=1, saturday=True)

    assert promised(friday + timedelta(days=1), at=friday) == (["Weekend"], False)
    assert promised(friday + timedelta(days=3), at=friday) == (["Standard", "Weekend"], False)
