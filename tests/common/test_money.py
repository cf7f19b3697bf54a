import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.common import money
from oms.common.money import CurrencyMismatch, Money, prorate, unit_share

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=12)


@pytest.mark.parametrize(("currency", "places"), [("JPY", 0), ("EUR", 2), ("USD", 2), ("KWD", 3), ("XXX", 2)])
def test_the_exponent_is_that_of_iso_4217(currency, places):
    assert money.exponent(currency) == places


def test_half_a_cent_is_rounded_up_away_from_zero():
    assert money.quantize(Decimal("1.005"), "EUR") == Decimal("1.01")
    assert money.quantize(Decimal("-1.005"), "EUR") == Decimal("-1.01")
    assert money.quantize(Decimal("0.5"), "JPY") == Decimal("1")


def test_money_adds_subtracts_multiplies_and_says_its_currency():
    total = Money(Decimal("1000.10"), "EUR") * 3 - Money(Decimal("0.30"), "EUR")

    assert total == Money(Decimal("3000.00"), "EUR")
    assert str(total) == "3,000.00 EUR"
    assert str(Money(Decimal("1234.5"), "KWD")) == "1,234.500 KWD"
    assert str(-Money(Decimal("12"), "JPY")) == "-12 JPY"


def test_two_currencies_are_never_mixed():
    with pytest.raises(CurrencyMismatch, match="EUR and USD can't be mixed"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")
    with pytest.raises(CurrencyMismatch):
        assert Money(Decimal(1), "EUR") < Money(Decimal(1), "USD")


def test_floats_are_refused():
    with pytest.raises(TypeError):
        Money(0.1, "EUR")
    with pytest.raises(TypeError):
        Money(Decimal(1), "EUR") * 0.5


def test_a_remainder_goes_to_the_largest_fraction_and_then_to_the_first():
    assert prorate(Decimal("10"), [1, 1, 1], "EUR") == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert prorate(Decimal("100"), [1, 2], "JPY") == [Decimal(33), Decimal(67)]
    assert prorate(Decimal("-0.05"), [1, 1], "EUR") == [Decimal("-0.03"), Decimal("-0.02")]


def test_without_weights_the_parts_are_even():
    assert prorate(Decimal("0.03"), [0, 0], "EUR") == [Decimal("0.02"), Decimal("0.01")]
    assert prorate(Decimal("5"), [], "EUR") == []


def test_a_negative_weight_is_a_mistake():
    with pytest.raises(ValueError, match="negative"):
        prorate(Decimal(1), [1, -1], "EUR")


@given(total=AMOUNTS, weights=WEIGHTS, currency=CURRENCIES)
def test_parts_sum_to_the_whole_in_every_currency(total, weights, currency):
    whole = money.quantize(total, currency)

    parts = prorate(total, weights, currency)

    assert sum(parts) == whole
    assert all(money.quantize(part, currency) == part for part in parts)
    assert all(part * whole >= 0 for part in parts)


@given(total=AMOUNTS, weights=WEIGHTS, currency=CURRENCIES)
def test_no_part_is_a_smallest_unit_away_from_its_exact_share(total, weights, currency):
    whole, weight = money.quantize(total, currency), sum(weights)

    parts = prorate(total, weights, currency)

    if weight:
        assert all(
            abs(part * weight - whole * own) < money.unit(currency) * weight
            for part, own in zip(parts, weights, strict=True)
        )


@given(data=st.data(), total=AMOUNTS, quantity=st.integers(1, 60), currency=CURRENCIES)
def test_any_cutting_of_a_line_sums_to_its_total(data, total, quantity, currency):
    cuts = sorted(data.draw(st.lists(st.integers(0, quantity), max_size=8)))
    edges = [0, *cuts, quantity]

    shares = [unit_share(total, quantity, a, b - a, currency) for a, b in itertools.pairwise(edges)]

    assert sum(shares) == money.quantize(total, currency)


@given(total=AMOUNTS, quantity=st.integers(1, 60), currency=CURRENCIES)
def test_more_units_never_carry_less(total, quantity, currency):
    shares = [abs(unit_share(total, quantity, 0, count, currency)) for count in range(quantity + 1)]

    assert shares == sorted(shares)


def test_units_outside_the_line_are_a_mistake():
    with pytest.raises(ValueError, match="not within a line of 3"):
        unit_share(Decimal(10), 3, 2, 2, "EUR")
