"""What a plan was made from is kept with its decision, and other rules can be tried on it without touching stock."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from fulfillment import accepting, rehearsal, sourcing, tasks
from fulfillment.models import Backorder, SourcingDecision
from fulfillment.routing import engine
from fulfillment.routing.facts import Facts, Place, PriceList, Want
from fulfillment.routing.policy import COST, NO_RULES, PARCELS, Policy
from fulfillment.rules import editing, keeping
from fulfillment.rules.terms import Effect, Rule, Where
from inventory.models import StockLevel, StockMovement
from oms.common import addresses
from oms.common.models import Job
from tests.factories.fulfillment import HAMBURG, confirmed_order, routed
from tests.factories.inventory import put

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


def test_a_plan_can_be_explained_from_what_was_kept_word_for_word():
    asked = Policy(
        ("No stores", "Cheap first"), (4, 9), barred={3: "is left out by the rule “No stores”"}, buffers={2: 1},
        extra={1: Decimal("2.50")}, most_parcels=2, ranks=(COST, PARCELS)
    )  # fmt: skip
    closed, bare = Place(3, "KLN", "Köln", {7: 9}), Place(4, "MUC", "Munich", {}, has_bins=False)
    for policy in (NO_RULES, asked, replace(asked, complete_only=True)):
        given = facts(policy=policy, channel_name="Shop")
        given = replace(given, places=(*given.places, closed, bare))

        back = keeping.facts_from(written(given), NAMES | {3: ("KLN", "Köln"), 4: ("MUC", "Munich")}, channel="Shop")

        assert engine.plan(back) == engine.plan(given)
        assert len(engine.plan(back).candidates) == 4
        assert replace(engine.plan(given), candidates=(), alternatives=()) == engine.decide(given)


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


NO_BERLIN = Rule(0, "Not Berlin", effects=(Effect("leave_out", Where(countries=("DE",))),))


def stocked(berlin, hamburg, mug) -> None:
    """Hamburg is in Switzerland here, and so the dearer place."""
    hamburg.address = addresses.save(replace(HAMBURG, country="CH"))
    hamburg.save()
    put(mug, berlin, 5)
    put(mug, hamburg, 5)


def books_of_stock() -> list:
    levels = StockLevel.objects.order_by("pk").values_list("on_hand", "allocated", "available")
    return [*levels, StockMovement.objects.count(), SourcingDecision.objects.count(), Backorder.objects.count()]


@pytest.mark.django_db
def test_a_rehearsal_shows_then_and_now_and_touches_no_stock(berlin, hamburg, mug, lead):
    stocked(berlin, hamburg, mug)
    order, _ = routed({mug: 2})
    before = books_of_stock()

    told = rehearsal.rehearse(editing.create(NO_BERLIN, by=lead), 100).told()

    assert books_of_stock() == before
    assert (told["orders"], told["then"]["parcels"], told["now"]["parcels"]) == (1, 1, 1)
    assert (told["then"]["cost"], told["now"]["cost"]) == ("5.35", "11.10")
    [changed] = told["changed"]
    assert changed["order"] == order.number
    assert (changed["then"]["places"], changed["now"]["places"]) == (["Berlin"], ["Hamburg"])
    assert changed["then"]["why"].startswith("Berlin sends 2 units in one parcel")
    assert changed["now"]["why"].startswith("Hamburg sends 2 units in one parcel")


@pytest.mark.django_db
def test_a_rehearsal_plans_with_what_was_there_then(berlin, hamburg, mug, lead):
    stocked(berlin, hamburg, mug)
    routed({mug: 5})
    routed({mug: 5})  # Hamburg's, for Berlin is empty by now
    put(mug, hamburg, 9)

    told = rehearsal.rehearse(editing.create(NO_BERLIN, by=lead), 100).told()

    assert (told["orders"], len(told["changed"])) == (2, 1)
    assert (told["then"]["waiting"], told["now"]["waiting"]) == (0, 0)


@pytest.mark.django_db
def test_orders_that_were_accepted_together_keep_what_each_of_them_saw(berlin, hamburg, mug, lead):
    stocked(berlin, hamburg, mug)
    both = [confirmed_order({mug: units}, confirmed=False) for units in (4, 3)]
    accepting.accept([order.pk for order in both], by=lead)

    seen = [row.facts["places"] for row in SourcingDecision.objects.order_by("order")]

    assert [[place[1] for place in places] for places in seen] == [[[5], [5]], [[1], [5]]]


@pytest.mark.django_db
def test_the_rules_in_use_change_nothing(berlin, hamburg, mug, lead):
    stocked(berlin, hamburg, mug)
    editing.use(editing.create(NO_BERLIN, by=lead).number, by=lead)
    routed({mug: 2}, tags=["vip"])

    told = rehearsal.rehearse(editing.live(), 100).told()

    assert (told["changed"], told["then"]) == ([], told["now"])


@pytest.mark.django_db
def test_what_a_person_chose_and_what_kept_no_facts_is_not_rehearsed(berlin, hamburg, mug, lead):
    stocked(berlin, hamburg, mug)
    order, [work] = routed({mug: 1})
    sourcing.reroute(work, hamburg, by=lead)
    first, other = SourcingDecision.objects.earliest("pk"), confirmed_order({mug: 1})
    SourcingDecision.objects.create(order=other, trigger=sourcing.BY_HAND, summary="By hand", facts=first.facts)
    old = {"method": "ship", "wants": [], "waiting": 0}
    SourcingDecision.objects.create(order=confirmed_order({mug: 1}), trigger="confirmed", summary="Old", facts=old)

    told = rehearsal.rehearse(editing.create(NO_BERLIN, by=lead), 100).told()

    assert (told["orders"], [row["order"] for row in told["changed"]]) == (1, [order.number])


@pytest.mark.django_db
def test_a_rehearsal_is_a_job_with_a_page(berlin, hamburg, mug, lead):
    stocked(berlin, hamburg, mug)
    routed({mug: 2})

    job = rehearsal.start(editing.create(NO_BERLIN, by=lead), orders=50, by=lead)
    job = rehearsal.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "1 of 1 orders would be served from elsewhere.")
    assert job.result_url == f"/sourcing-rules/rehearsals/{job.pk}/"
    assert rehearsal.run(job.pk).finished_at == job.finished_at  # done again, it stays as it is


@pytest.mark.django_db
def test_a_job_whose_worker_was_lost_is_begun_again(berlin, lead, django_capture_on_commit_callbacks):
    job = rehearsal.start(editing.create(NO_BERLIN, by=lead), orders=50, by=lead)
    assert tasks.resume_jobs() == 0
    Job.objects.filter(pk=job.pk).update(updated_at=timezone.now() - timedelta(minutes=5))

    with django_capture_on_commit_callbacks(execute=True):
        assert tasks.resume_jobs() == 1

    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "No order was planned yet that could be planned again.")
