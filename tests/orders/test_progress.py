"""Derived states follow from counters alone, and counters never leave their bounds."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from oms.common.actors import SYSTEM
from orders import payments, progress
from orders.models import Order, OrderLine
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import SkuFactory


@pytest.fixture
def order(db) -> Order:
    return confirmed_order({SkuFactory(): 3, SkuFactory(): 1})


def fulfillment(*lines: dict[str, int]) -> str:
    return progress.fulfillment_state([OrderLine(**{"ordered": 3, **line}) for line in lines])


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([{}], "unallocated"),
        ([{"backordered": 3}], "backordered"),
        ([{"backordered": 2, "allocated": 1}], "partially_allocated"),
        ([{"allocated": 3}, {}], "partially_allocated"),
        ([{"allocated": 3}], "allocated"),
        ([{"allocated": 2, "cancelled": 1}], "allocated"),
        ([{"allocated": 3, "picked": 1}], "in_progress"),
        ([{"shipped": 1, "allocated": 2, "picked": 2}], "partially_shipped"),
        ([{"shipped": 3}, {"backordered": 3}], "partially_shipped"),
        ([{"shipped": 3}], "shipped"),
        ([{"shipped": 2, "cancelled": 1}], "shipped"),
        ([{"shipped": 3, "delivered": 1}], "partially_delivered"),
        ([{"shipped": 3, "delivered": 3}, {"cancelled": 3}], "delivered"),
        ([{"cancelled": 3}], "cancelled"),
    ],
)
def test_the_fulfilment_state_is_the_first_that_fits(lines, state):
    assert fulfillment(*lines) == state


@st.composite
def sound_line(draw) -> OrderLine:
    ordered = draw(st.integers(1, 6))
    cancelled = draw(st.integers(0, ordered))
    shipped = draw(st.integers(0, ordered - cancelled))
    allocated = draw(st.integers(0, ordered - cancelled - shipped))
    line = OrderLine(ordered=ordered, cancelled=cancelled, shipped=shipped, allocated=allocated)
    line.picked = draw(st.integers(0, allocated))
    line.packed = draw(st.integers(0, line.picked))
    line.backordered = draw(st.integers(0, line.unallocated))
    line.delivered = draw(st.integers(0, shipped))
    line.return_authorised = draw(st.integers(0, shipped))
    line.returned = draw(st.integers(0, line.return_authorised))
    return line


@given(lines=st.lists(sound_line(), min_size=1, max_size=4))
def test_each_state_means_what_it_says(lines):
    state = progress.fulfillment_state(lines)
    kept = sum(line.ordered - line.cancelled for line in lines)
    shipped, delivered = sum(line.shipped for line in lines), sum(line.delivered for line in lines)

    assert (state == "cancelled") == (kept == 0)
    assert (state in ("shipped", "partially_delivered", "delivered")) == (0 < kept == shipped)
    assert (state == "delivered") == (0 < kept == delivered)
    assert (state == "partially_shipped") == (0 < shipped < kept)
    if state == "allocated":
        assert all(line.unallocated == line.backordered == 0 for line in lines)
    if state in ("unallocated", "backordered"):
        assert not any(line.allocated for line in lines)
    assert (progress.return_state(lines) == "none") == (not any(line.return_authorised for line in lines))


def test_an_order_goes_its_way_by_its_counters(order):
    first, second = order.lines.order_by("position")
    both = {first.pk: 3, second.pk: 1}
    seen = []
    for verb in ("allocated", "picked", "packed", "shipped", "delivered", "return_authorised", "returned"):
        getattr(progress, f"record_{verb}")(order, both, by=SYSTEM)
        seen.append((order.fulfillment_state, order.return_state))

    assert seen == [
        ("allocated", "none"),
        ("in_progress", "none"),
        ("in_progress", "none"),
        ("shipped", "none"),
        ("delivered", "none"),
        ("delivered", "requested"),
        ("delivered", "returned"),
    ]
    order.refresh_from_db()
    assert order.shipped_at <= order.delivered_at
    assert [line.allocated for line in order.lines.all()] == [0, 0]


@pytest.mark.parametrize("verb", ["picked", "shipped", "delivered", "returned", "return_authorised", "packed"])
def test_no_unit_overtakes_the_step_before(order, verb):
    line = order.lines.first()

    with pytest.raises(IntegrityError), transaction.atomic():
        getattr(progress, f"record_{verb}")(order, {line.pk: 1}, by=SYSTEM)


def test_no_more_units_are_promised_than_were_ordered(order):
    line = order.lines.order_by("position").first()
    progress.record_backordered(order, {line.pk: 2}, by=SYSTEM)

    with pytest.raises(IntegrityError), transaction.atomic():
        progress.record_allocated(order, {line.pk: 2}, by=SYSTEM)
    progress.record_backordered(order, {line.pk: -2}, by=SYSTEM)
    progress.record_allocated(order, {line.pk: 2}, by=SYSTEM)

    line.refresh_from_db()
    assert (line.allocated, line.backordered, line.unallocated) == (2, 0, 1)


def test_lines_of_another_order_are_refused(order):
    other = confirmed_order({SkuFactory(): 1})

    with pytest.raises(progress.CountersRefused):
        progress.record_allocated(order, {other.lines.get().pk: 1}, by=SYSTEM)


def money(total: str, paid: str = "0", refunded: str = "0", authorised: str = "0") -> str:
    amounts = {"total": total, "paid_total": paid, "refunded_total": refunded, "authorised_total": authorised}
    return progress.payment_state(Order(**{name: Decimal(amount) for name, amount in amounts.items()}))


@pytest.mark.parametrize(
    ("amounts", "state"),
    [
        (("10",), "unpaid"),
        (("0",), "paid"),
        (("10", "0", "0", "9.99"), "unpaid"),
        (("10", "0", "0", "10"), "authorised"),
        (("10", "9.99"), "partially_paid"),
        (("10", "10"), "paid"),
        (("10", "10.01"), "overpaid"),
        (("10", "10", "0.01"), "partially_refunded"),
        (("10", "10", "10"), "refunded"),
    ],
)
def test_the_payment_state_is_what_was_paid_and_went_back(amounts, state):
    assert money(*amounts) == state


def test_a_payment_told_twice_is_counted_once(order):
    before = order.paid_total
    for _ in range(2):
        payments.record(order, "paid", Decimal("5.00"), reference="X", by=SYSTEM)

    order.refresh_from_db()
    assert (order.paid_total - before, order.payment_state) == (Decimal("5.00"), "overpaid")
    with pytest.raises(payments.PaymentRefused, match="is known with"):
        payments.record(order, "paid", Decimal("6.00"), reference="X", by=SYSTEM)
    with pytest.raises(payments.PaymentRefused):
        payments.record(order, "paid", Decimal("0.00"), by=SYSTEM)


def test_no_more_goes_back_than_was_paid(order):
    payments.record_refund(order, order.paid_total, by=SYSTEM)
    assert order.payment_state == "refunded"

    with pytest.raises(payments.PaymentRefused, match="can still be paid back"):
        payments.record_refund(order, Decimal("0.01"), by=SYSTEM)
    payments.record_refund(order, -order.paid_total, by=SYSTEM)
    assert order.payment_state == "paid"
