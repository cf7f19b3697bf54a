"""Two people at once, on connections of their own: money and units go back once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from oms.common.errors import Refused
from orders.models import Order
from returns import authorisation, inspection, receiving, refunds
from returns.eligibility import Want
from returns.models import Refund, Return
from tests.factories.returns import asked, delivered, inspected, policy, received
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*verbs: Callable[[], Any]) -> list[str]:
    """How each went: "done" or the refusal's code."""
    together = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> str:
        together.wait(timeout=10)
        try:
            verb()
        except Refused as e:
            return e.code
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return sorted(pool.map(run, verbs))


@pytest.fixture
def sent(berlin, mug, lead) -> Order:
    """33.00 paid."""
    policy(label_included=False)
    return delivered({mug: 3}, at=berlin, by=lead, tax="1.00")


def test_two_refunds_at_once_never_exceed_what_was_paid(sent, lead):
    def pay(key: str) -> Refund:
        return refunds.submit_amount(Order.objects.get(pk=sent.pk), Decimal("20.00"), key=key, reason="Kind", by=lead)

    went = at_once(*[lambda key=key: pay(key) for key in "abcd"])
    sent.refresh_from_db()

    assert went == ["done", "over_ceiling", "over_ceiling", "over_ceiling"]
    assert sent.refunded_total == Decimal("20.00")
    assert breaches() == {}


def test_two_people_who_pay_a_return_back_at_once_make_one_refund(sent, lead):
    rma = inspected(asked(sent, by=lead, MUG=2), by=lead)
    key = refunds.key_of(rma)

    went = at_once(*[lambda: refunds.submit_return(Return.objects.get(pk=rma.pk), key=key, by=lead)] * 3)

    assert went == ["done", "done", "done"]
    assert [refund.amount for refund in Refund.objects.all()] == [Decimal("22.00")]
    assert breaches() == {}


def test_units_are_asked_back_once_when_two_agents_ask_at_once(sent, lead):
    line = sent.lines.get().pk

    went = at_once(*[lambda: authorisation.request(sent, [Want(line, 2, "other")], by=lead)] * 2)

    assert went == ["done", "not_returnable"]
    assert breaches() == {}


def test_two_scanners_at_one_parcel_count_every_unit_once(sent, lead):
    rma = asked(sent, by=lead, MUG=3)

    went = at_once(*[lambda: receiving.scan(Return.objects.get(pk=rma.pk), "MUG", by=lead)] * 4)

    assert went == ["done", "done", "done", "not_on_this_return"]
    assert rma.lines.get().received == 3


def test_two_people_decide_a_unit_once(sent, lead):
    line = received(asked(sent, by=lead, MUG=1), by=lead).lines.get()

    went = at_once(*[lambda: inspection.inspect(line, quantity=1, disposition="restock", by=lead)] * 2)

    assert went == ["done", "not_inspectable"]
    assert breaches() == {}
