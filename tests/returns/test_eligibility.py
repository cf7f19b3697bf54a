"""The policy as a table: which one covers an order, and what each rule answers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from oms.common.actors import SYSTEM
from orders import progress
from orders.models import Order
from returns import authorisation, eligibility, policies, refunds
from returns.eligibility import Want
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import SkuFactory
from tests.factories.returns import policy

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def arrived(order: Order, *, days_ago: float = 0) -> Order:
    line = order.lines.get()
    for record in ("allocated", "picked", "packed", "shipped", "delivered"):
        getattr(progress, f"record_{record}")(order, {line.pk: line.ordered}, by=SYSTEM)
    Order.objects.filter(pk=order.pk).update(delivered_at=NOW - timedelta(days=days_ago))
    order.refresh_from_db()
    return order


def verdict(order: Order, reason: str = "not_wanted") -> eligibility.Verdict:
    return eligibility.check(order, [Want(order.lines.get().pk, 1, reason)], now=NOW)


@pytest.mark.parametrize(
    ("days_ago", "window", "allowed"), [(0, 30, True), (29.9, 30, True), (30.1, 30, False), (1, 0, False)]
)
def test_the_window_counts_from_delivery(mug, days_ago, window, allowed):
    policy(window_days=window)

    assert verdict(arrived(confirmed_order({mug: 1}), days_ago=days_ago)).allowed is allowed


def test_the_window_of_a_partly_delivered_order_has_not_begun(mug, berlin):
    policy(window_days=0)
    order = confirmed_order({mug: 2})
    line = order.lines.get()
    for record in ("allocated", "picked", "packed", "shipped", "delivered"):
        getattr(progress, f"record_{record}")(order, {line.pk: 1}, by=SYSTEM)

    assert verdict(order).allowed is True


@pytest.mark.parametrize(
    ("listed", "returnable", "words"),
    [
        ([], True, "MUG may come back"),
        (["LAMP"], True, "MUG may come back"),
        (["mug"], True, "MUG is final sale"),
        (["M*"], True, "MUG is final sale"),
        ([], False, "MUG is final sale"),
    ],
)
def test_what_is_sold_for_good_stays_sold(listed, returnable, words):
    policy(final_sale_skus=listed)
    mug = SkuFactory(code="MUG", returnable=returnable)

    found = verdict(arrived(confirmed_order({mug: 1})))

    assert found.rules[-1].message == words
    assert found.allowed is words.endswith("may come back")


@pytest.mark.parametrize(("reason", "fee"), [("not_wanted", "4.90"), ("damaged", "0")])
def test_our_fault_costs_no_fee(mug, reason, fee):
    policy(fee=Decimal("4.90"), free_reasons=["damaged", "wrong_item"])

    assert verdict(arrived(confirmed_order({mug: 1})), reason).fee == Decimal(fee)


@pytest.mark.parametrize(("countries", "name"), [(["DE"], "German"), (["AT"], "Rest"), (["AT", "DE"], "German")])
def test_the_first_policy_that_covers_the_country_counts(mug, countries, name):
    policy(name="Rest", position=9)
    policy(name="German", countries=countries, position=1)

    assert eligibility.policy_for(confirmed_order({mug: 1})).name == name


def test_an_order_keeps_the_version_it_was_placed_under(mug, lead):
    first = policy(window_days=30)
    before = confirmed_order({mug: 1}, placed_at=NOW - timedelta(days=1))
    facts = {name: getattr(first, name) for name in policies.FACTS} | {"window_days": 14}
    second = policies.change(first, facts, by=lead)
    after = confirmed_order({mug: 1}, placed_at=timezone.now())

    assert (eligibility.policy_for(before), eligibility.policy_for(after)) == (first, second)


def test_without_a_policy_a_return_needs_a_reason(mug, berlin):
    order = arrived(confirmed_order({mug: 1}))
    want = Want(order.lines.get().pk, 1, "other")

    waiting = authorisation.request(order, [want], by=SYSTEM)
    with pytest.raises(authorisation.PolicyForbids, match="No return policy covers this order"):
        authorisation.approve(waiting, by=SYSTEM)

    assert authorisation.approve(waiting, override="We like her", by=SYSTEM).state == "authorised"


def test_a_policy_without_automatic_approval_waits_for_a_colleague(mug, berlin):
    policy(auto_approve=False)
    order = arrived(confirmed_order({mug: 1}))

    rma = authorisation.request(order, [Want(order.lines.get().pk, 1, "other")], by=SYSTEM)

    assert (rma.state, authorisation.approve(rma, by=SYSTEM).state) == ("requested", "authorised")


def test_shipping_goes_back_with_the_last_unit_where_the_policy_says_so(mug, berlin):
    policy(refund_shipping=True)
    order = arrived(confirmed_order({mug: 2}, shipping="4.90"))
    line = order.lines.get()

    worth = [refunds.estimate(order, [Want(line.pk, units, "other")]).total for units in (1, 2)]

    assert worth == [Decimal("10.00"), Decimal("24.90")]
