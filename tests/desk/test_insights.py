"""The page of figures: what was asked for stays in its address, tables are files, and nobody sees more than theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories.fulfillment import person, routed, shipped
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db
PAGE = "/insights/"
TABS = ("lead", "on-time", "backlog", "returns", "orders")


@pytest.fixture
def boss(client, lead):
    client.force_login(lead)
    return client


@pytest.fixture
def sent(lead, berlin, mug):
    put(mug, berlin, 9)
    order, (work,) = routed({mug: 4})
    shipped(work, by=lead)
    return order


def csv(client, figure: str, **said) -> list[str]:
    answer = client.get(PAGE, {"figure": figure, "format": "csv", **said})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return answer.getvalue().decode("utf-8-sig").splitlines()


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_has_its_figures_with_and_without_data(boss, sent, tab):
    full = boss.get(PAGE, {"tab": tab})
    empty = boss.get(PAGE, {"tab": tab, "start": "2020-01-01", "end": "2020-01-07"})

    assert (full.status_code, empty.status_code) == (200, 200)
    assert "<svg" in full.content.decode()
    assert full.context["tab"] == tab


def test_the_head_counts_the_period(boss, sent):
    kpis = {kpi["label"]: kpi["value"] for kpi in boss.get(PAGE).context["kpis"]}
    assert list(kpis) == ["Orders", "Received to shipped", "On time", "Sent back"]
    assert (kpis["Orders"], kpis["On time"], kpis["Sent back"]) == ("1", "100 %", "0.0 %")


def test_dates_that_can_not_be_are_said_and_kept(boss, sent):
    for said, words in (
        ({"start": "2026-02-30", "end": "2026-03-01"}, "Enter a valid date."),
        ({"start": "2026-03-02", "end": "2026-03-01"}, "The last day comes before the first."),
        ({"start": "2020-01-01", "end": "2026-01-01"}, "At most two years at a time."),
        ({"start": "", "end": "2026-01-01"}, "This field is required."),
        ({"channel": "nowhere"}, "Select a valid choice"),
    ):
        answer = boss.get(PAGE, said)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert 'value="2026-03-02"' in boss.get(PAGE, {"start": "2026-03-02", "end": "2026-03-01"}).content.decode()


def test_every_table_is_a_file_of_the_same_rows(boss, sent):
    today = timezone.localdate()
    week = {"start": str(today - timedelta(1)), "end": str(today)}
    assert csv(boss, "orders", **week) == [
        '"Day","Orders","Units"',
        f'"{today - timedelta(1)}","0","0"',
        f'"{today}","1","4"',
    ]
    assert csv(boss, "returns-by-location") == [
        '"Location","Units sent","Units back","Per cent"',
        '"Berlin","4","0","0.0"',
    ]
    assert csv(boss, "on-time-by-channel", channel="web") == [
        '"Channel","Promises","Kept","Per cent"',
        '"Web shop","1","1","100.0"',
    ]
    assert boss.get(PAGE, {"figure": "nothing", "format": "csv"}).headers["Content-Type"].startswith("text/html")


def test_the_links_keep_what_was_chosen(boss, sent):
    page = boss.get(PAGE, {"start": "2026-11-01", "end": "2026-11-24", "channel": "web", "tab": "returns"})
    text = page.content.decode()
    assert "?start=2026-11-01&amp;end=2026-11-24&amp;channel=web&amp;tab=backlog" in text
    assert "?start=2026-11-01&amp;end=2026-11-24&amp;channel=web&amp;figure=reasons&amp;format=csv" in text


def test_who_works_at_one_place_sees_the_figures_of_that_place(client, sent, berlin, hamburg):
    for place, orders in ((berlin, "1"), (hamburg, "0")):
        boss = person("lead")
        boss.all_locations = False
        boss.save()
        place.staff.add(boss)
        client.force_login(boss)
        page = client.get(PAGE)
        assert page.context["kpis"][0]["value"] == orders
        assert [str(one) for one in page.context["form"].fields["location"].queryset] == [str(place)]
    assert client.get(PAGE, {"location": "BER"}).status_code == 422


def test_the_page_asks_the_database_a_dozen_times_at_most(boss, sent):
    for tab in TABS:
        boss.get(PAGE, {"tab": tab})
        with CaptureQueriesContext(connection) as queries:
            boss.get(PAGE, {"tab": tab})
        assert len(queries) <= 12, tab


def test_who_has_no_figures_to_see_is_turned_away(client, db):
    client.force_login(person("picker"))
    assert client.get(PAGE).status_code == 403
