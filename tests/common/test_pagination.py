from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from oms.common.models import Job, OutboxMessage
from oms.common.pagination import keyset, keyset_slice

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 1, tzinfo=UTC)


class Request:
    def __init__(self, query: str = "") -> None:
        self.GET = QueryDict(query)


def make(*days: int | None) -> None:
    rows = [
        Job(kind=f"job{n}", actor_label="x", finished_at=None if day is None else DAY + timedelta(days=day))
        for n, day in enumerate(days)
    ]
    Job.objects.bulk_create(rows)


def walk(order: list[str], size: int, **start: str) -> list[list[str]]:
    """Every page forward, then every page back from the last."""
    pages, query = [], ""
    while True:
        page = keyset(Job.objects.all(), Request(query), order=order, size=size)
        pages.append([job.kind for job in page])
        if not page.next_query:
            return pages
        query = page.next_query


@pytest.mark.parametrize(
    "order", [["-finished_at", "-pk"], ["finished_at", "-pk"], ["finished_at", "pk"], ["kind"], ["-total", "kind"]]
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_pages_show_every_row_once_in_order_with_nulls_and_ties(order, size):
    make(3, 1, None, 2, 2, None, 1)
    terms = order if order[-1].endswith("pk") else [*order, "-pk"]
    expected = list(Job.objects.order_by(*terms).values_list("kind", flat=True))

    pages = walk(order, size)

    assert [kind for page in pages for kind in page] == expected
    assert all(len(page) == size for page in pages[:-1])


@pytest.mark.parametrize("order", [["-finished_at"], ["finished_at"], ["kind"]])
def test_going_back_shows_the_pages_that_were_shown(order):
    make(3, 1, None, 2, 2, None, 1)
    forward, queries, query = [], [], ""
    for _ in range(4):
        page = keyset(Job.objects.all(), Request(query), order=order, size=2)
        forward.append([job.kind for job in page])
        queries.append(page)
        query = page.next_query
    back = []
    query = queries[-1].prev_query
    while query:
        page = keyset(Job.objects.all(), Request(query), order=order, size=2)
        back.append([job.kind for job in page])
        query = page.prev_query

    assert back == forward[-2::-1]


def test_the_ends_have_no_links():
    make(1, 2, 3)

    only = keyset(Job.objects.all(), Request(), order=["kind"], size=3)

    assert (only.next_query, only.prev_query, only.is_first) == ("", "", True)


def test_links_keep_the_rest_of_the_query():
    make(1, 2, 3)

    page = keyset(Job.objects.all(), Request("q=is:late&sort=kind"), order=["kind"], size=2)

    assert page.next_query.startswith("q=is%3Alate&sort=kind&after=")


@pytest.mark.parametrize("cursor", ["nonsense", "a:b:c", "", "\x00"])
def test_an_unreadable_cursor_shows_the_first_page(cursor):
    make(1, 2, 3)

    page = keyset_slice(Job.objects.all(), after=cursor, order=["kind"], size=2)

    assert [job.kind for job in page.rows] == ["job0", "job1"]


def test_a_cursor_of_another_sort_shows_the_first_page():
    make(1, 2, 3)
    other = keyset_slice(Job.objects.all(), order=["-kind"], size=1).next_cursor

    page = keyset_slice(Job.objects.all(), after=other, order=["kind"], size=2)

    assert [job.kind for job in page.rows] == ["job0", "job1"]


def test_new_rows_in_front_do_not_shift_the_next_page():
    make(1, 2, 3, 4)
    first = keyset_slice(Job.objects.all(), order=["-finished_at"], size=2)
    make(9)

    second = keyset_slice(Job.objects.all(), after=first.next_cursor, order=["-finished_at"], size=2)

    assert [job.kind for job in first.rows] == ["job3", "job2"]
    assert [job.kind for job in second.rows] == ["job1", "job0"]


def test_a_page_is_one_query(django_assert_num_queries):
    OutboxMessage.objects.bulk_create([OutboxMessage(topic="t", key=str(n)) for n in range(5)])
    cursor = keyset_slice(OutboxMessage.objects.all(), order=["-created_at"], size=2).next_cursor

    with django_assert_num_queries(1):
        keyset_slice(OutboxMessage.objects.all(), after=cursor, order=["-created_at"], size=2)
