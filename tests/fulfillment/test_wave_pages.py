"""Waves by form posts: what is offered, what stays behind and why, how far a wave is, and its paper."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fulfillment import picking
from fulfillment.models import FulfillmentOrder, PickList, Wave
from oms.common.actors import SYSTEM
from orders import holds
from orders.statuses import HoldType
from tests.factories.fulfillment import person, pick_stop, routed
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db(transaction=True)
WAVES = reverse("fulfillment:waves")


@pytest.fixture
def boss(client, lead, berlin):
    client.force_login(lead)
    client.post(reverse("fulfillment:place"), {"location": berlin.pk, "back": WAVES})
    return client


@pytest.fixture
def works(berlin, mug):
    put(mug, berlin, 9)
    return [routed({mug: units})[1][0] for units in (1, 2, 3)]


def held(work: FulfillmentOrder) -> None:
    holds.place(work.order, type=HoldType.REVIEW, reason="Please look", by=SYSTEM)


def release(client, **said):
    return client.post(reverse("fulfillment:waves-release"), {"until": "all", **said})


def test_without_a_place_the_page_asks_for_one(client, lead, berlin):
    client.force_login(lead)
    assert "Choose a place above" in client.get(WAVES).content.decode()
    assert release(client).status_code == 422
    assert client.post(reverse("fulfillment:place"), {"location": berlin.pk, "back": WAVES}).url == WAVES
    assert "All is released" in client.get(WAVES).content.decode()
    outside = client.post(reverse("fulfillment:place"), {"location": berlin.pk, "back": "//evil.example/"})
    assert outside.url == reverse("fulfillment:pick")


def test_the_page_counts_what_is_ready_and_names_what_is_held(boss, works):
    held(works[0])
    page = boss.get(f"{WAVES}?until=all")
    text = page.content.decode()
    assert page.context["sums"] == {"orders": 3, "units": 6, "held": 1}
    assert page.context["ready"] == 2
    assert "Please look" in text
    assert f'value="{works[0].pk}" aria-label="Choose {works[0].number}" disabled' in text
    assert f'value="{works[1].pk}" aria-label="Choose {works[1].number}">' in text


def test_only_what_must_leave_by_then_is_offered(boss, works):
    FulfillmentOrder.objects.filter(pk=works[0].pk).update(ship_by=timezone.now() - timedelta(hours=1))
    assert [row.pk for row in boss.get(WAVES).context["rows"]] == [works[0].pk]
    assert len(boss.get(f"{WAVES}?until=all").context["rows"]) == 3
    assert len(boss.get(f"{WAVES}?until=nonsense").context["rows"]) == 1


def test_until_todays_end_is_midnight_on_the_clock_of_the_place(boss, works, berlin):
    now = timezone.now().astimezone(berlin.zone)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), berlin.zone)
    for work, ship_by in zip(works, (midnight, midnight + timedelta(seconds=1), None), strict=True):
        FulfillmentOrder.objects.filter(pk=work.pk).update(ship_by=ship_by)
    shown = boss.get(f"{WAVES}?until=today").context
    assert [row.pk for row in shown["rows"]] == [works[0].pk, works[2].pk]
    assert shown["cutoff"] == midnight.isoformat()


def test_a_cut_off_that_passed_since_the_page_was_shown_releases_no_more_than_it_showed(boss, works):
    shown = timezone.now() - timedelta(minutes=1)
    FulfillmentOrder.objects.filter(pk=works[0].pk).update(ship_by=shown - timedelta(minutes=1))
    FulfillmentOrder.objects.filter(pk=works[1].pk).update(ship_by=shown + timedelta(seconds=1))
    FulfillmentOrder.objects.filter(pk=works[2].pk).update(ship_by=shown + timedelta(seconds=1))
    release(boss, until="next", cutoff=shown.isoformat())
    assert [FulfillmentOrder.objects.get(pk=work.pk).state for work in works] == ["released", "open", "open"]
    assert Wave.objects.get().cutoff_at == shown


@pytest.mark.parametrize("cutoff", ["", "nonsense", "2026-13-99T99:99", "2026-01-01T10:00"])
def test_a_cut_off_that_cannot_be_read_is_the_next_one(boss, works, berlin, cutoff):
    FulfillmentOrder.objects.update(ship_by=timezone.now() + timedelta(days=30))
    FulfillmentOrder.objects.filter(pk=works[0].pk).update(ship_by=timezone.now() - timedelta(hours=1))
    release(boss, until="nonsense", cutoff=cutoff)
    assert [FulfillmentOrder.objects.get(pk=work.pk).state for work in works] == ["released", "open", "open"]


def test_the_button_says_how_many_it_releases(boss, works):
    held(works[0])
    assert 'data-tick-none="2">Release 2</button>' in boss.get(f"{WAVES}?until=all").content.decode()


def test_the_ticked_ones_are_released(boss, works):
    answer = release(boss, ids=[works[0].pk, works[2].pk])
    wave = Wave.objects.get()
    assert answer.url == reverse("fulfillment:wave", args=[wave.number])
    assert [FulfillmentOrder.objects.get(pk=work.pk).state for work in works] == ["released", "open", "released"]


def test_none_ticked_is_all_and_the_wave_says_what_stayed_and_why(boss, works):
    held(works[1])
    answer = release(boss)
    text = boss.get(answer.url).content.decode()
    assert [FulfillmentOrder.objects.get(pk=work.pk).state for work in works] == ["released", "open", "released"]
    assert works[1].number in text
    assert f"{works[1].order} is on hold" in text
    assert "2 released, 1 left out; the reasons are on this page." in text


def test_nothing_ready_is_refused_with_its_reason(boss, works):
    for work in works:
        held(work)
    answer = release(boss)
    assert answer.status_code == 422
    assert "Nothing can be released." in answer.content.decode()
    assert Wave.objects.count() == 0


def test_a_double_click_is_one_wave(boss, works):
    for _ in range(2):
        assert release(boss, idempotency_key="once").status_code == 302
    assert Wave.objects.count() == 1


def test_a_wave_shows_how_far_it_is_and_prints_its_walks(boss, works, lead, berlin):
    page = release(boss).url
    first = PickList.objects.order_by("pk").first()
    picking.claim(lead, berlin, pick_list=first)
    while task := picking.next_task(first):
        pick_stop(task, by=lead, tote="T-1")
    shown = boss.get(page)
    assert (shown.context["wave"].over, shown.context["wave"].walks) == (1, 3)
    assert [(row.seen, row.stops) for row in shown.context["lists"]] == [(1, 1), (0, 1), (0, 1)]
    assert [row.works for row in shown.context["lists"]] == [[work.number] for work in works]
    paper = boss.get(f"{page}paper/")
    assert (paper.status_code, paper.headers["Content-Type"], paper.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert boss.get(f"{page}paper/?list={first.number}").status_code == 200
    assert boss.get(f"{page}paper/?list=PL-0").status_code == 404


def test_the_pages_ask_the_database_as_often_for_many_as_for_few(boss, berlin, mug, works):
    def asked(url: str) -> int:
        boss.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            boss.get(url)
        return len(queries)

    few = asked(f"{WAVES}?until=all")
    put(mug, berlin, 30)
    more = [routed({mug: 1})[1][0] for _ in range(12)]
    held(more[0])
    assert asked(f"{WAVES}?until=all") == few
    page = release(boss, ids=[works[0].pk]).url
    one = asked(page)
    assert asked(release(boss).url) == one
    assert max(few, one) <= 12


def test_who_does_not_work_there_finds_no_wave(boss, client, works):
    page = release(boss).url
    other = person("lead")
    other.all_locations = False
    other.save()
    client.force_login(other)
    assert client.get(page).status_code == 404
    client.force_login(person("picker"))
    assert client.get(WAVES).status_code == 403
