"""An order is taken in exactly once, whatever is wrong with it and however many bring it at the same moment."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction

from oms.common.actors import SYSTEM, Actor
from orders import intake
from orders.channels.base import ExternalPayment
from orders.models import Customer, Order, Payment
from tests.factories.inventory import BarcodeFactory, SkuFactory
from tests.factories.orders import channel, external, line
from tests.together import at_once

BY = Actor.channel("Web shop")


@pytest.fixture
def web(db):
    return channel()


def test_an_order_is_stored_with_its_lines_money_and_event(web):
    SkuFactory(code="MUG", name="Mug")
    came = external(line("mug", 3, "10.00", discount="1.00", tax="5.51"), shipping=Decimal("4.90"))

    order = intake.take(came, channel=web, by=BY).order

    assert (order.goods_total, order.discount_total, order.tax_total, order.total) == (
        Decimal("30"),
        Decimal("1"),
        Decimal("5.51"),
        Decimal("39.41"),
    )
    assert (order.state, order.payment_state, order.fulfillment_state) == ("received", "paid", "unallocated")
    one = order.lines.get()
    assert (one.sku_code, one.name, one.ordered, one.total) == ("MUG", "Mug", 3, Decimal("34.51"))
    assert list(order.events.order_by("seq").values_list("seq", "verb", "actor_label")) == [
        (1, "order.received", "Web shop"),
        (2, "payment.received", "Web shop"),
    ]


def test_the_same_order_again_answers_with_the_first(web):
    came = external()

    first, second = intake.take(came, channel=web, by=BY), intake.take(came, channel=web, by=BY)

    assert (first.created, second.created, second.order) == (True, False, first.order)
    assert Payment.objects.count() == 1


def test_the_same_id_with_other_content_is_a_conflict(web):
    came = external()
    number = intake.take(came, channel=web, by=BY).order.number

    with pytest.raises(intake.Conflict, match=f"is order {number} already"):
        intake.take(replace(came, lines=(line(quantity=2),)), channel=web, by=BY)


def test_amounts_written_otherwise_are_the_same_order(web):
    came = external(line(price="10.00"))
    intake.take(came, channel=web, by=BY)

    again = replace(came, lines=(line(price="10"),), payment=replace(came.payment, amount=Decimal("10.000")))

    assert intake.take(again, channel=web, by=BY).created is False


def test_the_same_id_in_another_channel_is_another_order(web):
    came = external()
    intake.take(came, channel=web, by=BY)

    assert intake.take(came, channel=channel("phone", kind="phone"), by=BY).created


def test_what_is_wrong_is_stored_too(web):
    came = external(line("NOPE"), shipping_address=None, email="", customer_name="", paid=None)

    order = intake.take(came, channel=web, by=BY).order

    assert (order.customer, order.shipping_address, order.lines.get().sku) == (None, None, None)


def test_a_barcode_is_as_good_as_a_code(web):
    mug = SkuFactory(code="MUG")
    BarcodeFactory(sku=mug, code="4006381333931")

    assert intake.take(external(line("4006381333931")), channel=web, by=BY).order.lines.get().sku == mug


def test_a_customer_is_known_again_by_mail(web):
    for mail in ("ada@example.org", "ADA@example.org"):
        intake.take(external(email=mail), channel=web, by=BY)

    assert Customer.objects.get().orders.count() == 2


def test_an_authorised_payment_is_no_paid_one(web):
    came = external(payment=ExternalPayment("authorised", Decimal("10.00"), "auth-1"))

    order = intake.take(came, channel=web, by=BY).order

    assert (order.payment_state, order.paid_total, order.authorised_total) == ("authorised", 0, Decimal("10"))


def test_an_order_that_was_rolled_back_can_come_again(web):
    came = external()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        intake.take(came, channel=web, by=BY)
        raise ZeroDivisionError

    assert intake.take(came, channel=web, by=BY).created


@pytest.mark.django_db(transaction=True)
def test_many_that_bring_one_order_at_once_make_one():
    web, came = channel(), external()
    taken = at_once(*[lambda: intake.take(came, channel=web, by=SYSTEM)] * 8)
    failed = [one for one in taken if isinstance(one, Exception)]

    assert failed == []
    assert Order.objects.count() == Payment.objects.count() == Customer.objects.count() == 1
    assert sorted(one.created for one in taken) == [False] * 7 + [True]
