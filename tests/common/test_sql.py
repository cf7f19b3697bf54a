from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError, connection, transaction

from oms.common import sql

pytestmark = pytest.mark.django_db
BY_ID = "SELECT id FROM young WHERE id = ANY(:ids::bigint[])"


def settings_of_the_session() -> list[str]:
    shown = sql.Statement("SELECT current_setting('enable_seqscan'), current_setting('enable_hashjoin')")
    shown.rows()  # the first time is what this is about
    return list(shown.rows()[0])


def plan_of(statement: sql.Statement) -> str:
    """As it is kept for this session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement = %s", [statement.text])
        [name] = cursor.fetchone()
        cursor.execute(f"EXPLAIN EXECUTE {name} ('{{1}}')")
        return " ".join(row[0] for row in cursor.fetchall())


def test_a_statement_for_a_few_is_planned_by_index_however_small_its_table_was():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE young (id bigint PRIMARY KEY)")
    few, many = sql.Statement(BY_ID), sql.Statement(f"{BY_ID} LIMIT 10")
    few.rows(ids=[1])
    many.rows(ids=[1], many=True)

    assert "Seq Scan" not in plan_of(few)
    assert settings_of_the_session() == ["on", "on"]


def test_a_statement_that_fails_leaves_the_session_as_it_was():
    with pytest.raises(DataError), transaction.atomic():
        sql.Statement("SELECT 1 / :n::int").rows(n=0)

    assert settings_of_the_session() == ["on", "on"]


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("text", ["plain", "", "a,b", 'say "hi"', "back\\slash", "{braces}", "NULL", None, " space ", "ünï 👻", "\n"]),
        ("bigint", [1, -2, None, 9_000_000_000]),
        ("boolean", [True, False, None]),
        ("numeric", [Decimal("9.50"), Decimal("-0.001"), None]),
        ("timestamptz", [datetime(2026, 11, 24, 9, 30, 1, 5, tzinfo=UTC), None]),
        ("text", []),
    ],
)  # fmt: skip
def test_an_array_arrives_as_it_was_given(type, values):
    asked = sql.Statement(f"SELECT v FROM unnest(:these::{type}[]) WITH ORDINALITY AS t(v, n) ORDER BY n")

    assert [row[0] for row in asked.rows(these=values)] == values


def test_a_name_may_be_used_twice_and_a_cast_is_no_name():
    asked = sql.Statement("SELECT :who::text, :who::text || :what::text")

    assert asked.rows(who="a", what="b") == [("a", "ab")]
