"""The button on the backorders page: what would happen, then deciding it, as jobs that may die half way."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from factory.django import mute_signals

from fulfillment import deciding
from fulfillment.models import FulfillmentOrder
from inventory.models import StockLevel
from inventory.signals import stock_increased
from oms.common.models import Job
from orders.models import Channel
from tests.dying import dies
from tests.factories.fulfillment import person, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.fulfillment import books

BACKORDERS = reverse("fulfillment:backorders")


def ago(days: int) -> dict:
    return {"placed_at": timezone.now() - timedelta(days=days)}


@pytest.fixture
def waiting(berlin, hamburg, mug):
    """An older order that any place may serve, a younger one that only Berlin may, and one unit at each."""
    only_berlin = Channel.objects.create(code="b2b", name="B2B", kind="api", config={"locations": ["BER"]})
    orders = [routed({mug: 1}, **ago(5))[0], routed({mug: 1}, channel=only_berlin, **ago(1))[0]]
    put(mug, berlin, 1)
    put(mug, hamburg, 1)
    return orders


def test_a_look_says_what_would_happen_against_one_by_one_and_touches_nothing(waiting, lead):
    job = deciding.run(deciding.start(deciding.LOOK, by=lead).pk)

    assert (job.state, job.message) == ("done", "2 orders would get something.")
    assert job.result["figures"]["units"] == ["2", "1"]
    assert job.result["figures"]["whole"] == ["2", "1"]
    assert job.result["figures"]["parcels"] == ["2", "1"]
    assert [(row["order"], row["units"], row["wanted"], row["places"]) for row in job.result["rows"]] == [
        (waiting[0].number, 1, 1, ["Hamburg"]),
        (waiting[1].number, 1, 1, ["Berlin"]),
    ]
    assert (FulfillmentOrder.objects.count(), sum(StockLevel.objects.values_list("allocated", flat=True))) == (0, 0)


def test_deciding_does_what_the_look_said(waiting, lead):
    job = deciding.run(deciding.start(deciding.DECIDE, by=lead).pk)

    assert (job.message, job.done, job.result["units"]) == ("2 orders got something.", 2, 2)
    assert [(row["order"], row["places"]) for row in job.result["rows"]] == [
        (waiting[0].number, ["Hamburg"]),
        (waiting[1].number, ["Berlin"]),
    ]
    assert [books.work(order) for order in waiting] == [[("HAM", "open", 1)], [("BER", "open", 1)]]
    assert books.breaches() == {}


def test_a_second_press_gives_the_job_that_runs_and_a_finished_one_runs_no_more(waiting, lead):
    job = deciding.start(deciding.DECIDE, by=lead)

    assert deciding.start(deciding.DECIDE, by=lead) == job
    assert deciding.run(job.pk).result == deciding.run(job.pk).result
    assert Job.objects.count() == 1


def test_without_stock_it_is_refused_with_what_to_do(client, lead, mug, berlin):
    routed({mug: 1})
    client.force_login(lead)

    answer = client.post(reverse("fulfillment:backorders-decide"), follow=True)

    assert "Nothing that an order waits for is in stock. Receive stock first" in answer.content.decode()
    assert Job.objects.count() == 0


def test_the_button_looks_then_decides_and_the_pages_tell_it(client, waiting, lead, django_capture_on_commit_callbacks):
    client.force_login(lead)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("fulfillment:backorders-look"))
    looked = client.get(reverse("fulfillment:backorders-together", args=[Job.objects.get().pk])).content.decode()
    assert "2 orders, together and one by one" in looked
    assert "Orders that would get something" in looked
    assert f"{waiting[1].number}" in looked

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("fulfillment:backorders-decide"))
    decided = client.get(reverse("fulfillment:backorders-together", args=[Job.objects.latest("pk").pk]))
    assert "Orders that got something" in decided.content.decode()
    assert "2 orders got something." in client.get(BACKORDERS).content.decode()


def test_only_who_may_route_finds_the_button(client, waiting):
    client.force_login(person("picker"))

    assert client.post(reverse("fulfillment:backorders-decide")).status_code == 403
    assert Job.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_half_way_is_followed_by_one_that_does_the_rest_and_tells_all_of_it():
    lead, berlin, mug = person(), LocationFactory(code="BER", name="Berlin"), SkuFactory(code="MUG")
    orders = [routed({mug: 1}, **ago(days))[0] for days in (3, 2, 1)]
    with mute_signals(stock_increased):
        put(mug, berlin, 2)
    job = Job.objects.create(kind=deciding.DECIDE, total=3, actor_label="Lead", user=lead)

    assert dies("dealing.one_done", lambda: deciding.run(job.pk))
    assert [books.counters(order) for order in orders] == [[{"allocated": 1}]] + [[{"backordered": 1}]] * 2
    job = deciding.run(job.pk)

    assert [books.counters(order) for order in orders] == [[{"allocated": 1}]] * 2 + [[{"backordered": 1}]]
    assert [row["order"] for row in job.result["rows"]] == [order.number for order in orders[:2]]
    assert (job.state, job.result["served"], books.breaches()) == ("done", 2, {})
