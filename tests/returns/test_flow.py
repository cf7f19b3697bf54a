"""From the request to the money: a return through its verbs, to the cent, with all books in order at the end."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from fulfillment import cancellation, dispatch
from inventory.models import BinStock
from oms.common.models import ExceptionCase
from orders.models import CustomerMail
from returns import authorisation, inspection, receiving, refunds
from returns.eligibility import Want
from returns.models import Refund, ReturnPolicy
from tests.factories.fulfillment import confirmed_order, labelled, news, own_van, person, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead():
    return person("lead")


@pytest.fixture
def berlin():
    return LocationFactory(code="BER", name="Berlin")


@pytest.fixture
def mug():
    return SkuFactory(code="MUG")


@pytest.fixture
def sent(berlin, mug, lead):
    """Three mugs at 10.00 and 5.00 shipping, paid, shipped and delivered."""
    ReturnPolicy.objects.create(name="Usual", valid_from=timezone.now() - timedelta(days=1))
    put(mug, berlin, 5)
    order, (work,) = routed({mug: 3}, shipping="5.00")
    shipment = labelled(work, own_van(), by=lead)
    dispatch.hand_over(shipment, by=lead)
    shipment.refresh_from_db()
    news(shipment, "delivered")
    order.refresh_from_db()
    return order


def bins(sku):
    return dict(BinStock.objects.filter(sku=sku, quantity__gt=0).values_list("bin__code", "quantity"))


def test_two_units_come_back_one_to_stock_and_one_aside(sent, mug, lead):
    line = sent.lines.get()
    rma = authorisation.request(sent, [Want(line.pk, 2, "not_wanted")], by=lead)
    if rma.state == "requested":
        rma = authorisation.approve(rma, by=lead)
    receiving.scan(rma, "MUG", by=lead)
    receiving.scan(rma, "MUG", by=lead)
    receiving.finish(rma, by=lead)
    row = rma.lines.get()
    inspection.inspect(row, quantity=1, disposition="restock", by=lead)
    inspection.inspect(row, quantity=1, disposition="quarantine", by=lead)

    refund = refunds.submit_return(rma, key="first", by=lead)
    again = refunds.submit_return(rma, key="first", by=lead)

    assert (refund.pk, refund.amount) == (again.pk, Decimal("20.00"))
    sent.refresh_from_db()
    assert (sent.return_state, sent.payment_state) == ("partially_returned", "partially_refunded")
    assert bins(mug) == {"A-01": 3, "QUAR": 1}
    assert breaches() == {}


def test_a_refund_of_a_channel_that_does_not_listen_waits_for_a_person(sent, lead):
    refund = refunds.submit_amount(sent, Decimal("3.00"), key="kind", reason="Late", by=lead)

    refund.refresh_from_db()
    assert refund.state == "submitted"
    assert ExceptionCase.objects.unresolved().get().title == f"Pay 3.00 EUR back for {sent.number}"

    refunds.settle(refund.pk, reference="bank 1", by=lead)
    assert not ExceptionCase.objects.unresolved().exists()
    assert CustomerMail.objects.filter(kind="refund").count() == 1
    assert sent.documents.get(kind="credit_note").facts["total"] == "3.00"
    assert breaches() == {}


def test_money_for_cancelled_units_goes_back_by_itself_once(berlin, mug, lead):
    put(mug, berlin, 5)
    order, _ = routed({mug: 3}, shipping="5.00")

    cancellation.cancel(order, quantities={order.lines.get().pk: 1}, reason="changed mind", by=lead)
    assert [refund.amount for refund in Refund.objects.all()] == [Decimal("10.00")]

    order.refresh_from_db()
    cancellation.cancel(order, reason="all of it", by=lead)
    assert sum(refund.amount for refund in Refund.objects.all()) == Decimal("35.00")
    order.refresh_from_db()
    assert (order.state, order.payment_state) == ("cancelled", "refunded")
    assert breaches() == {}


def test_unpaid_cancelled_orders_owe_nothing(berlin, mug, lead):
    put(mug, berlin, 5)
    order = confirmed_order({mug: 1}, paid=False)

    cancellation.cancel(order, reason="no money", by=lead)

    assert not Refund.objects.exists()


def test_the_label_of_a_return_is_bought_and_mailed_and_followed(sent, lead):
    rma = authorisation.request(sent, [Want(sent.lines.get().pk, 1, "not_wanted")], by=lead)
    if rma.state == "requested":
        rma = authorisation.approve(rma, by=lead)

    rma.refresh_from_db()
    assert rma.label.is_bought
    assert rma.tracker_id == rma.label.tracker_id
    assert CustomerMail.objects.get(kind="return_label").to == "ada@example.org"
    assert breaches() == {}


def test_more_than_was_paid_never_goes_back(sent, lead):
    with pytest.raises(refunds.OverCeiling, match=r"35\.01 EUR is more than the 35\.00 EUR"):
        refunds.submit_amount(sent, Decimal("35.01"), key="x", reason="Kind", by=lead)
