"""The arithmetic of own rate tables, checked by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.providers.base import CarrierError, ParcelSpec
from carriers.providers.manual.provider import check_digit
from carriers.providers.manual.tariff import Extra, ServicePrices, Table, Tariff, Zone
from oms.common.addresses import PostalAddress
from oms.common.money import Money
from tests.factories.carriers import HAMBURG, rate_request

GERMANY, ISLES, WORLD = (
    Zone(1, "Germany", ("DE",)),
    Zone(2, "Isles", ("DE",), ("25849", "18")),
    Zone(3, "World", ("*",)),
)
CELLS = {
    1: ((2000, Decimal("4.90")), (10000, Decimal("7.50"))),
    2: ((2000, Decimal("9.00")),),
    3: ((5000, Decimal(20)),),
}
STANDARD = ServicePrices("standard", "Standard", (Table(date(2026, 1, 1), CELLS),))
TARIFF = Tariff("EUR", 5000, (GERMANY, ISLES, WORLD), (STANDARD,))


def price(*parcels, extras=(), tariff=TARIFF, service=STANDARD, **told):
    return replace(tariff, extras=tuple(extras)).price(service, rate_request(*parcels, **told))


def to(code="20354", country="DE", company=""):
    return PostalAddress(name="N", company=company, line1="S 1", city="C", postal_code=code, country=country)


def test_the_first_cell_that_is_heavy_enough_is_the_price():
    assert price(ParcelSpec(2000)).total == Money(Decimal("4.90"), "EUR")
    assert price(ParcelSpec(2001)).total == Money(Decimal("7.50"), "EUR")
    assert price(ParcelSpec(10001)) is None


def test_a_light_large_parcel_is_billed_by_its_volume():
    priced = price(ParcelSpec(900, 400, 300, 200))  # 24,000 cm³ / 5000 = 4.8 kg

    assert (priced.billable_g, priced.total.amount) == (4800, Decimal("7.50"))


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        (to("20354"), GERMANY),
        (to("18055"), ISLES),
        (to("25849"), ISLES),
        (to("2584"), GERMANY),
        (to("1010", "AT"), WORLD),
    ],
)
def test_the_zone_that_names_the_address_most_exactly_counts(address, zone):
    assert TARIFF.zone_of(address) == zone


def test_without_a_zone_there_is_no_price():
    assert price(ParcelSpec(100), tariff=replace(TARIFF, zones=(GERMANY,)), to=to("1010", "AT")) is None


def test_a_return_is_priced_by_the_customers_end():
    asked = rate_request(ParcelSpec(500), direction="return")
    asked = replace(asked, origin=to("18055"), destination=asked.origin)

    assert TARIFF.price(STANDARD, asked).total.amount == Decimal("9.00")


def test_several_parcels_add_up_and_one_too_heavy_spoils_all():
    assert price(ParcelSpec(2000), ParcelSpec(5000)).total.amount == Decimal("12.40")
    assert price(ParcelSpec(2000), ParcelSpec(50000)) is None


def test_the_newest_table_that_has_begun_is_in_force():
    dearer = Table(date(2026, 12, 1), {1: ((2000, Decimal("5.20")),)})
    service = replace(STANDARD, tables=(*STANDARD.tables, dearer))
    december = datetime(2026, 12, 1, 8, tzinfo=UTC)

    assert price(ParcelSpec(100), service=service).total.amount == Decimal("4.90")
    assert price(ParcelSpec(100), service=service, ship_at=december).total.amount == Decimal("5.20")
    assert price(ParcelSpec(100), service=service, ship_at=datetime(2025, 1, 1, tzinfo=UTC)) is None


def test_surcharges_are_worked_out_each_on_its_basis():
    extras = [
        Extra("Fuel", "rate", Decimal("12.5")),  # 4.90 × 12.5 % = 0.6125 → 0.61
        Extra("Home", "fixed", Decimal("0.35"), residential_only=True),
        Extra("Peak", "total", Decimal(10)),  # (4.90 + 0.35) × 10 % = 0.525 → 0.53
        Extra("Insurance", "value", Decimal("0.5")),  # 80 × 0.5 % = 0.40
    ]
    priced = price(ParcelSpec(900), extras=extras)

    assert {charge.name: str(charge.amount) for charge in priced.charges} == {
        "Fuel": "0.61 EUR",
        "Home": "0.35 EUR",
        "Peak": "0.53 EUR",
        "Insurance": "0.40 EUR",
    }
    assert priced.total.amount == Decimal("6.79")


@pytest.mark.parametrize(
    ("condition", "told", "met"),
    [
        ({"residential_only": True}, {"to": to(company="Ltd")}, False),
        ({"countries": ("AT",)}, {}, False),
        ({"postal_prefixes": ("203",)}, {}, True),
        ({"above_weight_g": 900}, {}, False),
        ({"above_weight_g": 899}, {}, True),
        ({"above_length_mm": 199}, {}, True),
        ({"above_girth_mm": 700}, {}, False),  # 200 + 2 × (150 + 100) = 700
        ({"above_girth_mm": 699}, {}, True),
        ({"above_value": Decimal(80)}, {}, False),
        ({"from_date": date(2026, 11, 24)}, {}, False),
        ({"to_date": date(2026, 11, 23)}, {}, True),
        ({"service_code": "express"}, {}, False),
    ],
)
def test_a_surcharge_applies_only_when_every_condition_is_met(condition, told, met):
    priced = price(ParcelSpec(900, 200, 150, 100), extras=[Extra("X", "fixed", Decimal(1), **condition)], **told)

    assert bool(priced.charges) is met


def test_a_fixed_surcharge_counts_for_each_parcel_and_value_once():
    extras = [Extra("Large", "fixed", Decimal(2)), Extra("Insurance", "value", Decimal(1))]
    priced = price(ParcelSpec(900), ParcelSpec(900), extras=extras)

    assert [str(charge.amount) for charge in priced.charges] == ["4.00 EUR", "0.80 EUR"]


def test_a_share_of_a_value_in_another_currency_is_refused():
    with pytest.raises(CarrierError, match="value in USD"):
        price(ParcelSpec(900), extras=[Extra("Insurance", "value", Decimal(1))], currency="USD")


def test_yen_have_no_decimals():
    yen = Tariff("JPY", 5000, (WORLD,), (), (Extra("Fuel", "rate", Decimal(7)),))
    service = ServicePrices("s", "S", (Table(date(2026, 1, 1), {3: ((5000, Decimal(850)),)}),))

    assert str(yen.price(service, rate_request(ParcelSpec(900), to=to(country="JP"))).total) == "910 JPY"  # 59.5 → 60


@given(st.lists(st.integers(1, 10000), min_size=1, max_size=4), st.lists(st.integers(0, 3000), max_size=4))
def test_the_lines_of_a_price_always_add_up_to_it(grams, shares):
    extras = [
        Extra(f"E{i}", basis, Decimal(share) / 100)
        for i, (share, basis) in enumerate(zip(shares, ("rate", "fixed", "total", "value"), strict=False))
    ]
    priced = price(*[ParcelSpec(g) for g in grams], extras=extras, to=HAMBURG)

    assert priced.total.amount == priced.base.amount + sum(charge.amount.amount for charge in priced.charges)
    assert priced.total == priced.total.quantize()


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_one_mistyped_digit_of_a_number_is_noticed(digits, position, by):
    wrong = digits[:position] + str((int(digits[position]) + by) % 10) + digits[position + 1 :]

    assert check_digit(digits) != check_digit(wrong)
