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
TABS = ("lead", "on-time", "backlog", "returns", "orders", "revenue")


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
    assert list(kpis) == ["Orders", "Received to shipped", "On time", "Revenue", "Sent back"]
    assert (kpis["Orders"], kpis["On time"], kpis["Sent back"]) == ("1", "100 %", "0 %")
    assert kpis["Revenue"] == "40.00 EUR"


def test_dates_that_can_not_be_are_said_and_kept(boss, sent):
    for said, words in (
        ({"start": "2026-02-30", "end": "2026-03-01"}, "There is no such day. Write it like 2026-11-24."),
        ({"start": "2026-03-02", "end": "2026-03-01"}, "The last day comes before the first."),
        ({"start": "2020-01-01", "end": "2026-01-01"}, "At most two years at a time."),
        ({"start": "", "end": "2026-01-01"}, "Choose both dates."),
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
    assert csv(boss, "revenue", **week)[1:] == [f'"{today - timedelta(1)}","EUR","0.00"', f'"{today}","EUR","40.00"']
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


@pytest.mark.parametrize("tab", TABS)
def test_the_page_asks_the_database_as_often_for_many_orders_as_for_none(boss, lead, berlin, hamburg, mug, tab):
    asked = []
    for places in ((), (berlin, hamburg)):
        for place in places:
            put(mug, place, 9)
            shipped(routed({mug: 2})[1][0], by=lead)
        boss.get(PAGE, {"tab": tab})
        with CaptureQueriesContext(connection) as queries:
            boss.get(PAGE, {"tab": tab})
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 11


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("lead", 200),
        ("agent", 200),
        ("auditor", 200),
        ("admin", 200),
        ("picker", 403),
        ("packer", 403),
        ("returns", 403),
    ],
)
def test_figures_and_their_files_are_for_those_who_lead_serve_or_audit(client, db, role, status):
    client.force_login(person(role))
    home = client.get("/").content.decode()
    assert client.get(PAGE).status_code == status
    assert client.get(PAGE, {"figure": "orders", "format": "csv"}).status_code == status
    assert ('<a class="button" href="/insights/">' in home) is (status == 200)


def test_the_change_from_the_period_before_is_told(boss, sent):
    before = timezone.now() - timedelta(days=7)
    type(sent).objects.filter(pk=sent.pk).update(placed_at=before)
    today = timezone.localdate()
    page = boss.get(PAGE, {"start": str(today - timedelta(6)), "end": str(today)})
    kpis = {kpi["label"]: kpi for kpi in page.context["kpis"]}
    assert kpis["Orders"] == {
        "label": "Orders", "value": "0", "change": "-1", "tone": "bad", "detail": "from 1 in the period before"
    }  # fmt: skip
    assert kpis["Revenue"]["change"] == "-40"
    assert kpis["Sent back"]["detail"] == "nothing to compare with"


def test_nothing_at_all_is_said_once(boss):
    text = boss.get(PAGE, {"tab": "returns"}).content.decode()
    assert text.count("Nothing happened in this period") == 1
    assert "<svg viewBox=" not in text


def test_the_backlog_of_a_channel_is_drawn_whole(boss, lead, berlin, mug):
    put(mug, berlin, 9)
    routed({mug: 2})
    old, _ = routed({mug: 2})
    type(old).objects.filter(pk=old.pk).update(placed_at=timezone.now() - timedelta(days=8))

    by_channel = boss.get(PAGE, {"tab": "backlog"}).context["drawn"][1]
    assert by_channel.stack == [
        ("Web shop", [("Under a day", 1), ("1 to 2 days", 0), ("3 to 6 days", 0), ("A week and more", 1)])
    ]
