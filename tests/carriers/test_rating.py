"""Offers of several carriers side by side, also when one is late, away or confused."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest

from carriers import rating
from carriers.models import RateQuote
from carriers.providers.base import ParcelSpec
from tests.factories.carriers import AccountFactory, rate_request, tariff

pytestmark = pytest.mark.django_db


def told(rates):
    return [(offer.carrier, offer.service_code, str(offer.price), offer.standing_in) for offer in rates.offers]


def test_offers_of_all_carriers_come_sorted_by_price(van, fake):
    rates = rating.offers(rate_request())

    assert told(rates) == [
        ("Fake", "standard", "4.89 EUR", False),
        ("Own van", "standard", "4.90 EUR", False),
        ("Fake", "express", "10.93 EUR", False),
    ]
    assert rates.problems == ()
    assert [offer.quote_id for offer in rates.offers] == list(
        RateQuote.objects.order_by("price").values_list("pk", flat=True)
    )


def test_an_offer_names_the_day_by_the_service_and_its_cut_off(van):
    van.services.update(transit_max_days=2)
    offer = rating.offers(rate_request()).offers[0]

    assert (offer.transit_days, f"{offer.deliver_by:%a %d %b}") == (2, "Wed 25 Nov")


def test_a_late_carrier_does_not_hold_up_the_others_and_its_last_answer_stands_in(van, fake, faulty):
    rating.offers(rate_request())
    faulty("rates", "slow", seconds=2)
    began = time.monotonic()

    rates = rating.offers(rate_request(), deadline=0.5)

    assert time.monotonic() - began < 1.5
    assert told(rates) == [
        ("Fake", "standard", "4.89 EUR", True),
        ("Own van", "standard", "4.90 EUR", False),
        ("Fake", "express", "10.93 EUR", True),
    ]
    assert [problem.carrier for problem in rates.problems] == ["Fake"]


def test_an_answer_for_another_kind_of_parcel_does_not_stand_in(fake, faulty):
    rating.offers(rate_request())
    faulty("rates", "503_before")

    assert told(rating.offers(rate_request(ParcelSpec(9000)))) == []


@pytest.mark.parametrize("kind", ["503_before", "cut_before", "garbled", "429", "refuse"])
def test_whatever_goes_wrong_is_a_problem_in_words(fake, faulty, kind):
    faulty("rates", kind)
    rates = rating.offers(rate_request())

    assert (rates.offers, len(rates.problems)) == ((), 1)
    assert str(rates.problems[0]).startswith("Fake: ")


def test_only_services_in_use_that_take_the_parcel_are_offered(van, fake):
    fake.services.filter(code="express").update(active=False)
    fake.services.filter(code="standard").update(max_weight_g=500)

    assert [offer.carrier for offer in rating.offers(rate_request()).offers] == ["Own van"]
    assert RateQuote.objects.filter(account=fake).count() == 0


def test_an_offer_in_another_currency_comes_last(van):
    dollars = AccountFactory(name="Dollar", currency="USD")
    tariff(dollars, {"All": {5000: "0.50"}}, zones={"All": (["*"], [])})

    assert [str(offer.price) for offer in rating.offers(rate_request()).offers] == ["4.90 EUR", "0.50 USD"]


def test_three_failures_in_a_row_make_a_carrier_unwell_and_one_answer_well(fake, faulty):
    faulty("rates", "503_before", times=3)
    for _ in range(3):
        rating.offers(rate_request())
    fake.refresh_from_db()
    assert (fake.health, fake.failures) == ("failing", 3)

    rating.offers(rate_request())
    fake.refresh_from_db()
    assert (fake.health, fake.failures) == ("ok", 0)


def test_queries_do_not_grow_with_offers_and_none_is_made_in_a_thread(van, fake, django_assert_num_queries):
    rating.offers(rate_request())  # its health is news the first time
    with django_assert_num_queries(4):
        rating.offers(replace(rate_request(), value=Decimal("20")))
