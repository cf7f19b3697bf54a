"""What an order comes to, exact to the smallest coin, whatever lines and codes meet."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms.common.actors import SYSTEM
from oms.common.money import quantize
from orders import intake, pricing, promos
from orders.channels.base import ExternalLine
from orders.models import PromoCode
from tests.factories.inventory import SkuFactory
from tests.factories.orders import channel, external, line

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def codes(db):
    PromoCode.objects.create(code="TEN", kind="percent", value=10)
    PromoCode.objects.create(code="FIVE", kind="amount", value=5, currency="EUR")
    PromoCode.objects.create(code="POST", kind="free_shipping")


def test_codes_are_taken_in_their_order_each_on_what_is_left(codes):
    lines = [line("A", 3, "9.99"), line("B", 1, "10.00", discount="0.03")]

    found = pricing.quote(lines, currency="EUR", shipping=D("4.90"), promo_codes=("TEN", "FIVE"), tax_rate=D("0.19"))

    assert found.used == (("TEN", D("3.99")), ("FIVE", D("5.00")))
    assert (found.goods, found.discount, found.tax, found.shipping) == (D("39.97"), D("9.02"), D("5.88"), D("4.90"))
    assert found.total == D("41.73")


def test_free_shipping_takes_the_shipping_and_no_more(codes):
    found = pricing.quote([line()], currency="EUR", shipping=D("4.90"), promo_codes=("POST",))

    assert (found.shipping, found.total, found.used) == (0, D("10.00"), (("POST", D("4.90")),))


def test_a_code_that_can_not_be_used_is_left_out_and_named(codes):
    found = pricing.quote([line()], currency="EUR", promo_codes=("NOPE", "TEN"))

    assert (found.problems, found.discount) == (("There is no promo code NOPE.",), D("1.00"))


def test_an_amount_takes_no_more_than_the_goods(codes):
    assert pricing.quote([line(price="3.00")], currency="EUR", promo_codes=("FIVE",)).total == 0


LINES = st.lists(
    st.builds(
        lambda quantity, cents, off: ExternalLine(
            sku="MUG",
            quantity=quantity,
            unit_price=D(cents) / 100,
            discount=quantize(D(cents) / 100 * quantity * off / 100, "EUR"),
        ),
        st.integers(1, 20),
        st.integers(0, 20_000),
        st.integers(0, 100),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    lines=LINES,
    shipping=st.integers(0, 2_000),
    chosen=st.lists(st.sampled_from(["TEN", "FIVE", "POST"])),
    rate=st.integers(0, 25),
)
def test_the_parts_are_always_the_whole(codes, lines, shipping, chosen, rate):
    chosen = list(dict.fromkeys(chosen))
    found = pricing.quote(lines, currency="EUR", shipping=D(shipping) / 100, promo_codes=chosen, tax_rate=D(rate) / 100)

    assert (
        found.total
        == sum(one.unit_price * one.quantity - one.discount + one.tax for one in found.lines) + found.shipping
    )
    assert found.total >= 0
    assert all(0 <= one.discount <= one.unit_price * one.quantity for one in found.lines)
    assert all(amount == quantize(amount, "EUR") for one in found.lines for amount in (one.discount, one.tax))
    given_by_codes = sum((worth for code, worth in found.used if code != "POST"), D(0))
    assert sum(one.discount for one in found.lines) == sum(one.discount for one in lines) + given_by_codes


def test_an_order_entered_as_quoted_adds_up(codes):
    SkuFactory(code="MUG")
    found = pricing.quote([line(quantity=3, price="3.33")], currency="EUR", promo_codes=("TEN",), tax_rate=D("0.19"))

    order = intake.take(external(*found.lines, promo_codes=("TEN",)), channel=channel(), by=SYSTEM).order

    assert (order.total, order.payment_state) == (found.total, "paid")


def test_the_worth_of_a_code_is_rounded_to_the_coin_of_the_currency():
    assert promos.worth(PromoCode(kind="percent", value=D(10)), goods=D(1235), currency="JPY") == D(124)
    assert promos.worth(PromoCode(kind="percent", value=D(10)), goods=D("1.235"), currency="KWD") == D("0.124")
