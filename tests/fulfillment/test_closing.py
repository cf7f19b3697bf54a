"""A closed place gives its open work to others, tells what it could not give, and gets it back when it opens again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fulfillment import closing, tasks
from oms.common import jobs, recent
from oms.common.errors import Refused
from oms.common.models import Job
from orders import holds
from orders.statuses import HoldType
from tests.factories.fulfillment import person, released, routed
from tests.factories.inventory import put
from tests.fulfillment import books


@pytest.fixture
def both(berlin, hamburg, mug):
    put(mug, berlin, 9)
    put(mug, hamburg, 9)


def closed(location, **facts):
    for name, value in (facts or {"active": False}).items():
        setattr(location, name, value)
    location.save()
    recent.forget()


def moved(location, lead) -> Job:
    job = closing.run(closing.move_work_away(location, by=lead).pk)
    job.refresh_from_db()
    return job


def test_open_work_of_a_closed_place_is_found_other_places(both, berlin, mug, lead):
    orders = [routed({mug: units})[0] for units in (1, 2)]
    closed(berlin)

    job = moved(berlin, lead)

    assert (job.state, job.message) == ("done", "2 moved.")
    assert [books.work(order) for order in orders] == [
        [("BER", "cancelled", 0), ("HAM", "open", 1)],
        [("BER", "cancelled", 0), ("HAM", "open", 2)],
    ]
    assert [(row["order"], row["places"]) for row in job.result["moved"]] == [
        (order.number, ["Hamburg"]) for order in orders
    ]
    assert books.breaches() == {}


def test_what_cannot_move_stays_and_says_why(both, berlin, mug, lamp, lead):
    put(lamp, berlin, 2)
    _, [only_here] = routed({lamp: 1})
    held, [work] = routed({mug: 1})
    holds.place(held, type=HoldType.FRAUD, reason="new customer", by=lead)
    _, [walking] = routed({mug: 1})
    released(walking, by=lead)
    closed(berlin)

    job = moved(berlin, lead)

    assert job.message == "0 moved, 2 stayed where they are."
    told = {row["work"]: row["why"] for row in job.result["stayed"]}
    assert told[only_here.number] == "No other location can send all of it."
    assert "is on hold: Risk review (new customer)" in told[work.number]
    walking.refresh_from_db()
    assert walking.state == "released"
    assert books.breaches() == {}


def test_a_place_that_ships_no_more_keeps_what_customers_collect(both, berlin, mug, lead):
    closed(berlin, collects=True)
    pickup, _ = routed({mug: 1}, method="pickup", store=berlin)
    order, _ = routed({mug: 1})
    closed(berlin, ships=False)

    assert moved(berlin, lead).message == "1 moved."
    assert (books.work(pickup), books.work(order)[-1]) == ([("BER", "open", 1)], ("HAM", "open", 1))


def test_an_open_place_and_one_without_work_are_refused(both, berlin, lead):
    with pytest.raises(closing.StillOpen, match="Berlin is open and ships"):
        closing.move_work_away(berlin, by=lead)
    closed(berlin)
    with pytest.raises(closing.NothingToMove, match="Nothing open is left at Berlin"):
        closing.move_work_away(berlin, by=lead)


def test_a_second_click_gives_the_job_that_runs(both, berlin, mug, lead):
    routed({mug: 1})
    closed(berlin)

    first, second = (closing.move_work_away(berlin, by=lead) for _ in range(2))

    assert first == second
    assert Job.objects.count() == 1


def test_moved_work_comes_back_but_for_what_was_begun(both, berlin, mug, lead):
    stays, goes = routed({mug: 1})[0], routed({mug: 2})[0]
    closed(berlin)
    moved(berlin, lead)
    with pytest.raises(Refused, match="Berlin is still closed"):
        closing.move_back(berlin, by=lead)
    released(goes.fulfillment_orders.get(state="open"), by=lead)
    closed(berlin, active=True)

    back = closing.run(closing.move_back(berlin, by=lead).pk)

    assert back.message == "1 moved."
    assert books.work(stays) == [("BER", "cancelled", 0), ("HAM", "cancelled", 0), ("BER", "open", 1)]
    assert books.work(goes)[-1] == ("HAM", "released", 2)
    with pytest.raises(closing.NothingToMove):
        closing.move_back(berlin, by=lead)
    assert books.breaches() == {}


def test_work_that_joined_other_work_has_no_way_back(berlin, hamburg, mug, lamp, lead):
    put(mug, berlin, 2)
    put(lamp, hamburg, 1)
    order, _ = routed({mug: 2, lamp: 1})
    put(mug, hamburg, 2)
    closed(berlin)

    moved(berlin, lead)

    assert books.work(order) == [("BER", "cancelled", 0), ("HAM", "open", 3)]
    assert closing.can_come_back(berlin) == []


@pytest.mark.django_db(transaction=True)
def test_a_job_that_died_half_way_goes_on_and_forgets_nothing(both, berlin, mug, lead):
    orders = [routed({mug: 1})[0] for _ in range(3)]
    closed(berlin)
    job = jobs.start(closing.AWAY, total=3, by=lead, location=berlin.pk)  # the hint was lost
    closing._move(job, orders[0].fulfillment_orders.get(), None)
    Job.objects.filter(pk=job.pk).update(updated_at=timezone.now() - timedelta(minutes=5))

    assert tasks.resume_jobs() == 1

    job.refresh_from_db()
    assert (job.state, job.message, len(job.result["moved"])) == ("done", "3 moved.", 3)


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_place_moves_its_work_and_shows_what_became_of_it(client, both, berlin, mug, lamp, lead):
    put(lamp, berlin, 1)
    order, [stuck] = routed({mug: 1})[0], routed({lamp: 1})[1]
    client.force_login(lead)
    url = reverse("fulfillment:location-work", args=["BER"])
    assert "Berlin is open and ships" in client.get(url).content.decode()
    closed(berlin)
    assert url in client.get(reverse("inventory:location", args=["BER"])).content.decode()
    assert "2 fulfilment orders are open here" in client.get(url).content.decode()

    client.post(reverse("fulfillment:location-work-away", args=["BER"]))

    html = client.get(url).content.decode()
    for told in ("1 moved, 1 stayed where they are.", order.number, stuck.number, "can send all of it", "Hamburg"):
        assert told in html
    closed(berlin, active=True)
    assert "Move 1 back" in client.get(url).content.decode()
    client.post(reverse("fulfillment:location-work-back", args=["BER"]))
    assert books.work(order)[-1] == ("BER", "open", 1)


def test_who_may_not_route_has_no_such_page(client, both, berlin):
    client.force_login(person("packer"))

    assert client.get(reverse("fulfillment:location-work", args=["BER"])).status_code == 403
