from datetime import UTC, datetime
from decimal import Decimal

import pytest

from oms.common import sql

pytestmark = pytest.mark.django_db


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
