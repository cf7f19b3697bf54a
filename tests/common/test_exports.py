import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from oms.common import exports
from oms.common.money import Money

LIVE = ["=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", '"=1', "'=1", "|x", "%x", "\u00a0=1"]


def table(*rows) -> list[list[str]]:
    text = "".join(exports.csv_lines(["Name", "Value"], rows))
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("text", LIVE)
def test_no_cell_begins_with_a_live_formula(text):
    (_, (name, _)) = table((text, 1))

    assert name == f"'{text}"
    assert exports.original(name) == text


@pytest.mark.parametrize("text", ["Ada", "a=b", "1-2", "李小龍", "'tis", "", 'say "hi"', "two\nlines"])
def test_other_text_comes_back_as_it_was(text):
    (_, (name, _)) = table((text, 1))

    assert exports.original(name) == text


def test_numbers_and_times_are_typed_and_nothing_is_empty():
    rows = [
        (None, Decimal("-12.50")),
        (-3, Money(Decimal("1204.5"), "EUR")),
        (datetime(2026, 11, 24, 9, tzinfo=UTC), True),
    ]

    assert table(*rows)[1:] == [["", "-12.50"], ["-3", "1204.50"], ["2026-11-24T09:00:00+00:00", "True"]]


def test_the_file_streams_and_starts_with_a_byte_order_mark():
    response = exports.stream_csv("orders.csv", ["Name"], iter([["Ada"], ["Grace"]]))

    assert b"".join(response) == '\ufeff"Name"\r\n"Ada"\r\n"Grace"\r\n'.encode()
    assert response["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
