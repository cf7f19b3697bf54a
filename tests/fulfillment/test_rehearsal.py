"""What a plan was made from is kept with its decision, and gives the same plan when it is read back."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fulfillment.routing import engine
from fulfillment.routing.facts import Facts, Place, PriceList, Want
from fulfillment.rules import keeping

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STEPS = tuple((grams, Decimal(grams) / 1000 + 3) for grams in (1000, 2000, 5000, 31_500))
NAMES = {1: ("BER", "Berlin"), 2: ("HAM", "Hamburg")}


def facts(**changes) -> Facts:
    berlin = Place(
        1, "BER", "Berlin", {7: 2}, prices=(PriceList(STEPS, 5000, "van"),), leaves_at=NOON, capacity=9, priority=3
    )
    hamburg = Place(
        2,
        "HAM",
        "Hamburg",
        {7: 1, 8: 4},
        collects=True,
        zone=1,
        parcel_cost=Decimal("4.90"),
        kilo_cost=Decimal("0.45"),
        leaves_at=NOON + timedelta(days=2),
        load=5,
    )
    wants = (Want(11, 7, 2, "MUG"), Want(12, 8, 1, "LAMP"))
    return replace(
        Facts("ship", wants, (berlin, hamburg)),
        grams={7: 400, 8: 900},
        volumes={7: 1_000_000},
        ship_by=NOON + timedelta(days=1),
        **changes,
    )


def written(given: Facts) -> dict:
    """As it comes back from the table."""
    return json.loads(json.dumps(keeping.kept(given, engine.plan(given))))


def test_the_facts_of_a_plan_come_back_as_they_were():
    given = facts(excluded={3: "has rejected it"}, short=frozenset([(2, 7)]), allowed=frozenset([1, 2]))

    back = keeping.facts_from(written(given), NAMES)

    assert engine.plan(back) == engine.plan(given)
    assert back.places[1] == given.places[1]
    assert (back.excluded, back.short, back.allowed) == (given.excluded, given.short, given.allowed)
    assert (back.wants, back.ship_by, back.grams) == (given.wants, given.ship_by, given.grams)


def test_price_lists_are_kept_once_and_no_longer_than_the_order_is_heavy():
    given = facts()
    dearer = replace(given.places[1], prices=given.places[0].prices)

    told = written(replace(given, places=(given.places[0], dearer)))

    assert told["prices"] == [["van", 5000, [[1000, "4"], [2000, "5"]]]]
    assert [row[6] for row in told["places"]] == [[0], [0]]


def test_places_that_had_nothing_of_it_are_not_kept():
    empty = Place(3, "MUC", "Munich", {})

    assert [row[0] for row in written(replace(facts(), places=(*facts().places, empty)))["places"]] == [1, 2]


def test_the_outcome_is_told_in_figures():
    assert written(facts())["outcome"] == {"parcels": 2, "cost": "9.31", "late": True, "waiting": 0}
