"""What goes back is exact: the parts of any sequence of cancellations and returns sum to the whole."""

from collections import Counter
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfillment import cancellation
from inventory.models import Sku
from oms.common.actors import SYSTEM
from oms.common.models import OutboxMessage
from orders import payments, progress
from orders.models import Order, OrderLine
from returns import authorisation, inspection, receiving, refunds, shares
from returns.eligibility import Want
from returns.models import Refund
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import SkuFactory

pytestmark = pytest.mark.django_db
CENTS = st.integers(0, 9999).map(lambda cents: Decimal(cents) / 100)
COSTLY = st.tuples(st.integers(1, 7), CENTS, CENTS, CENTS)
GIVEN = st.tuples(st.integers(1, 7), CENTS, st.just(Decimal(99999)), st.just(Decimal(0)))  # all of it is discount
LINES = st.lists(COSTLY | GIVEN, min_size=1, max_size=3)
STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 7), st.booleans()), min_size=1, max_size=6)


def paid_order(rows: list[tuple[int, Decimal, Decimal, Decimal]], *, skus: list[Sku], shipping: Decimal) -> Order:
    """Lines of (units, price, discount, tax), whatever they divide by; paid, nothing placed yet."""
    order = confirmed_order({sku: units for sku, (units, *_) in zip(skus, rows, strict=False)}, paid=False)
    for line, (units, price, discount, tax) in zip(order.lines.order_by("position"), rows, strict=True):
        discount = min(discount, price * units)
        total = price * units - discount + tax
        OrderLine.objects.filter(pk=line.pk).update(unit_price=price, discount=discount, tax=tax, total=total)
    lines = list(order.lines.all())
    goods = sum(line.unit_price * line.ordered for line in lines)
    discount, tax = sum(line.discount for line in lines), sum(line.tax for line in lines)
    Order.objects.filter(pk=order.pk).update(
        goods_total=goods,
        discount_total=discount,
        tax_total=tax,
        shipping_total=shipping,
        total=goods - discount + tax + shipping,
    )
    order.refresh_from_db()
    if order.total:
        payments.record(order, "paid", order.total, reference="P", by=SYSTEM)
    order.refresh_from_db()
    return order


def delivered(order: Order, units: dict[int, int]) -> None:
    """At the door, without a floor."""
    for record in ("allocated", "picked", "packed", "shipped", "delivered"):
        getattr(progress, f"record_{record}")(order, units, by=SYSTEM)


def comes_back(order: Order, line: OrderLine, units: int) -> None:
    rma = authorisation.request(order, [Want(line.pk, units, "other")], override="test", by=SYSTEM)
    receiving.scan(rma, line.sku_code, quantity=units, by=SYSTEM)
    inspection.inspect(rma.lines.get(), quantity=units, disposition="scrap", by=SYSTEM)
    refunds.submit_return(rma, key=refunds.key_of(rma), by=SYSTEM)


def parts(order: Order) -> dict[str, Decimal]:
    rows = Refund.objects.filter(order=order).values_list("breakdown", flat=True)
    return {
        part: sum((Decimal(row[part]) for row in rows), Decimal(0)) for part in ("goods", "discount", "tax", "shipping")
    }


@pytest.fixture
def skus(db, berlin) -> list[Sku]:
    return [SkuFactory(code=code) for code in ("A", "B", "C")]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=LINES, steps=STEPS, shipping=CENTS)
def test_parts_of_any_sequence_sum_to_the_whole(skus, rows, steps, shipping):
    with transaction.atomic():
        order = paid_order(rows, skus=skus, shipping=shipping)
        left = {line.pk: line.ordered for line in order.lines.all()}
        for index, wanted, cancels in [*steps, *[(i, 7, i % 2 == 0) for i in range(3)]]:
            line = order.lines.filter(position=index + 1).first()
            units = min(wanted, left[line.pk]) if line else 0
            if not units:
                continue
            left[line.pk] -= units
            if cancels:
                cancellation.cancel(order, quantities={line.pk: units}, reason="test", by=SYSTEM)
                refunds.submit_cancelled(order, by=SYSTEM)
            else:
                delivered(order, {line.pk: units})
                comes_back(order, line, units)
            order.refresh_from_db()
            assert order.refunded_total == sum(Refund.objects.values_list("amount", flat=True))
        whole_cancelled = order.state == "cancelled"

        back = parts(order)
        assert (back["goods"], back["discount"], back["tax"]) == (
            order.goods_total,
            order.discount_total,
            order.tax_total,
        )
        assert order.refunded_total == order.total - (0 if whole_cancelled else order.shipping_total)
        transaction.set_rollback(True)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(cuts=st.lists(st.integers(1, 4), min_size=1, max_size=7), tax=CENTS, discount=CENTS)
def test_the_nth_unit_carries_the_same_share_however_the_line_is_cut(skus, cuts, tax, discount):
    with transaction.atomic():
        order = paid_order([(7, Decimal("33.33"), discount, tax)], skus=skus, shipping=Decimal(0))
        line = order.lines.get()
        start, sums = 0, Counter()
        for cut in cuts:
            count = min(cut, 7 - start)
            worth = shares.worth(order, {line.pk: start + count}) - shares.worth(order, {line.pk: start})
            single = sum(
                shares.worth(order, {line.pk: unit + 1}) - shares.worth(order, {line.pk: unit})
                for unit in range(start, start + count)
            )
            assert worth == single
            sums["all"] += worth
            start += count
        assert sums["all"] == shares.worth(order, {line.pk: start})
        transaction.set_rollback(True)


def test_three_units_of_ten_euros_give_the_odd_cent_back_last(skus):
    order = paid_order([(3, Decimal("4.00"), Decimal("2.00"), Decimal("0"))], skus=skus, shipping=Decimal(0))
    line = order.lines.get()

    worth = [shares.of_units(order, {line.pk: units}).total for units in (1, 2, 3)]

    assert worth == [Decimal("3.34"), Decimal("6.67"), Decimal("10.00")]


def test_a_fee_is_never_more_than_what_comes_back(skus):
    order = paid_order([(1, Decimal("2.00"), Decimal(0), Decimal(0))], skus=skus, shipping=Decimal(0))
    line = order.lines.get()

    assert shares.of_units(order, {line.pk: 1}, fee=Decimal("4.90")).total == 0


def test_what_was_given_by_hand_is_not_owed_again_when_the_rest_is_cancelled(skus):
    order = paid_order([(2, Decimal("10.00"), Decimal(0), Decimal(0))], skus=skus, shipping=Decimal("5.00"))
    refunds.submit_amount(order, Decimal("4.00"), key="kind", reason="Kind", by=SYSTEM)

    cancellation.cancel(order, reason="test", by=SYSTEM)
    refund = refunds.submit_cancelled(order, by=SYSTEM)
    again = refunds.submit_cancelled(order, by=SYSTEM)
    order.refresh_from_db()

    assert (refund.amount, again, order.refunded_total) == (Decimal("21.00"), None, Decimal("25.00"))


FREE = (2, Decimal("5.00"), Decimal("10.00"), Decimal(0))


def test_returned_units_that_were_free_are_counted_by_a_refund_of_nothing(skus):
    order = paid_order([FREE, (1, Decimal("8.00"), Decimal(0), Decimal(0))], skus=skus, shipping=Decimal(0))
    line = order.lines.get(position=1)
    delivered(order, {one.pk: one.ordered for one in order.lines.all()})

    comes_back(order, line, 2)

    refund = Refund.objects.get()
    assert (refund.amount, refund.state, refund.reference) == (0, "succeeded", "nothing to pay")
    assert (refund.breakdown["goods"], refund.breakdown["discount"]) == ("10.00", "10.00")
    assert shares.given_back(order) == {line.pk: 2}
    rma = order.returns.get()
    assert [one.refunded for one in rma.lines.all()] == [2]
    assert not type(rma).objects.to_refund().exists()
    assert refunds.settle(refund.pk, reference="again", by=SYSTEM).reference == "nothing to pay"
    assert not OutboxMessage.objects.filter(topic="refund.pay").exists()
    with pytest.raises(refunds.NothingToRefund):
        refunds.submit_return(rma, key="other", by=SYSTEM)


def test_cancelled_units_that_were_free_are_counted_once(skus):
    order = paid_order([FREE, (1, Decimal("8.00"), Decimal(0), Decimal(0))], skus=skus, shipping=Decimal(0))
    line = order.lines.get(position=1)
    for _ in range(2):
        cancellation.cancel(order, quantities={line.pk: 1}, reason="test", by=SYSTEM)
        refunds.submit_cancelled(order, by=SYSTEM)
        assert refunds.submit_cancelled(order, by=SYSTEM) is None

    assert shares.given_back(order) == {line.pk: 2}
    assert [refund.amount for refund in Refund.objects.all()] == [0, 0]


def test_an_unpaid_order_has_no_refunds_of_nothing(skus):
    order = confirmed_order({skus[0]: 1, skus[1]: 1}, paid=False)
    order.lines.filter(position=1).update(unit_price=0, total=0)

    cancellation.cancel(order, quantities={order.lines.get(position=1).pk: 1}, reason="test", by=SYSTEM)

    assert refunds.submit_cancelled(order, by=SYSTEM) is None
