from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from fulfillment.amendments.figures import Figures, LineFigures, tax_of, with_price, with_units

LINE = LineFigures(1, "MUG", 3, 0, D("10.00"), D("3.00"), D("5.13"))  # 19 % on 27.00


def test_more_units_keep_the_discount_and_the_tax_rate():
    more = with_units(LINE, 5, rewrite=True, currency="EUR")

    assert (more.ordered, more.discount, more.tax, more.total) == (5, D("3.00"), D("8.93"), D("55.93"))


def test_unpaid_units_leave_the_line_with_their_share_of_the_discount():
    fewer = with_units(LINE, 2, rewrite=True, currency="EUR")

    assert (fewer.ordered, fewer.cancelled, fewer.discount, fewer.tax, fewer.total) == (
        2,
        0,
        D("2.00"),
        D("3.42"),
        D("21.42"),
    )


def test_paid_units_stay_on_the_line_as_cancelled():
    fewer = with_units(LINE, 2, rewrite=False, currency="EUR")

    assert (fewer.ordered, fewer.cancelled, fewer.total) == (3, 1, LINE.total)
    assert Figures("EUR", (fewer,), D("4.90")).due == D("26.32")  # 37.03 less the first third, 10.71


def test_a_line_that_is_taken_off_unpaid_is_worth_nothing():
    gone = with_units(LINE, 0, rewrite=True, currency="EUR")

    assert (gone.ordered, gone.cancelled, gone.total) == (3, 3, D("0"))


def test_a_new_price_is_taxed_at_the_old_rate():
    assert with_price(LINE, unit_price=D("8.00"), discount=D("0"), tax=None, currency="EUR").tax == D("4.56")


def test_a_given_tax_is_taken_as_it_is():
    assert with_price(LINE, unit_price=None, discount=None, tax=D("1.00"), currency="EUR").tax == D("1.00")


def test_a_new_line_is_taxed_like_the_others_together():
    assert tax_of(D("10.00"), [LINE], "EUR") == D("1.90")
    assert tax_of(D("10.00"), [], "EUR") == D("0")


@given(
    ordered=st.integers(1, 20),
    kept=st.integers(0, 30),
    cents=st.integers(0, 9999),
    rate=st.sampled_from([0, 7, 19, 25]),
    rewrite=st.booleans(),
)
def test_whatever_is_changed_the_figures_stay_whole_cents_and_never_negative(ordered, kept, cents, rate, rewrite):
    price = D(cents) / 100
    tax = (price * ordered * rate / 100).quantize(D("0.01"))
    line = LineFigures(1, "X", ordered, 0, price, D("0"), tax)

    changed = with_units(line, kept, rewrite=rewrite, currency="EUR")

    assert changed.kept == kept
    assert changed.tax == changed.tax.quantize(D("0.01")) >= 0
    assert Figures("EUR", (changed,), D("0")).due >= 0
