"""Promo codes: when they may be used, and that a limit holds however many use it at once."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from factory.django import mute_signals

from oms.common.actors import SYSTEM
from orders import intake, lifecycle, promos, verification
from orders.models import Order, PromoCode
from orders.signals import order_changed
from tests.factories.inventory import SkuFactory
from tests.factories.orders import channel, external

DAY = timedelta(days=1)


def verdict(goods: str = "100", **facts) -> str:
    PromoCode.objects.create(**{"code": "TEN", "kind": "percent", "value": 10, **facts})
    return promos.check("ten ", goods=Decimal(goods), currency="EUR", customer_id=None).problem


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({}, ""),
        ({"active": False}, "TEN is switched off."),
        ({"starts_at": timezone.now() + DAY}, "begins on"),
        ({"ends_at": timezone.now() - DAY}, "ended on"),
        ({"starts_at": timezone.now() - DAY, "ends_at": timezone.now() + DAY}, ""),
        ({"currency": "USD"}, "TEN is for orders in USD."),
        ({"minimum": "100.01"}, "TEN needs goods of at least 100.01 EUR."),
        ({"minimum": "100"}, ""),
        ({"usage_limit": 3, "used": 3}, "TEN was used 3 times"),
        ({"usage_limit": 3, "used": 2}, ""),
    ],
)
def test_a_code_says_why_it_can_not_be_used(facts, problem):
    said = verdict(**facts)

    assert (problem in said) if problem else said == ""


@pytest.mark.django_db
def test_a_code_nobody_made_is_named():
    assert promos.check("NOPE", goods=Decimal(1), currency="EUR", customer_id=None).problem == (
        "There is no promo code NOPE."
    )


@pytest.mark.django_db
def test_a_use_counts_once_an_order_and_is_given_back_when_it_is_cancelled():
    SkuFactory(code="MUG")
    promo = PromoCode.objects.create(code="TEN", kind="percent", value=10, usage_limit=1)
    order = intake.take(external(promo_codes=("TEN",)), channel=channel(), by=SYSTEM).order
    verification.verify(order.pk)
    assert promos.redeem(order, "ten", Decimal(0)) == ""
    promo.refresh_from_db()
    assert promo.used == 1
    assert promos.check("TEN", goods=Decimal(10), currency="EUR", customer_id=None).problem == (
        "TEN was used 1 times, which is all it allows."
    )

    lifecycle.mark_cancelled(order, reason="customer", by=SYSTEM)
    promos.give_back(order)

    promo.refresh_from_db()
    assert promo.used == 0


@pytest.mark.django_db
def test_a_customer_uses_a_code_as_often_as_it_allows():
    SkuFactory(code="MUG")
    PromoCode.objects.create(code="TEN", kind="percent", value=10, per_customer_limit=1)
    order = intake.take(external(promo_codes=("TEN",)), channel=channel(), by=SYSTEM).order
    verification.verify(order.pk)

    def problem(customer: int | None) -> str:
        return promos.check("TEN", goods=Decimal(10), currency="EUR", customer_id=customer).problem

    assert (problem(order.customer_id), problem(None)) == ("This customer has used TEN already.", "")


@pytest.mark.django_db(transaction=True)
def test_the_last_uses_are_given_once_however_many_ask():
    SkuFactory(code="MUG")
    web, promo = channel(), PromoCode.objects.create(code="TEN", kind="percent", value=10, usage_limit=3)
    with mute_signals(order_changed):  # nobody has verified them yet
        orders = [
            intake.take(external(promo_codes=("TEN",), email=f"c{n}@example.org"), channel=web, by=SYSTEM).order
            for n in range(8)
        ]
    barrier, failed = threading.Barrier(8), []

    def verify(pk: int) -> None:
        try:
            barrier.wait(10)
            verification.verify(pk)
        except Exception as e:
            failed.append(e)
        finally:
            connection.close()

    threads = [threading.Thread(target=verify, args=[order.pk]) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    promo.refresh_from_db()
    assert failed == []
    assert (promo.used, promo.uses.filter(released_at=None).count()) == (3, 3)
    states = list(Order.objects.values_list("state", "hold_state"))
    assert (states.count(("confirmed", "none")), states.count(("received", "held"))) == (3, 5)
