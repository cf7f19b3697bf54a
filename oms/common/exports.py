"""CSV that streams row by row and that a spreadsheet can't take for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from oms.common.money import Money

LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
LEADING = " '\"\u00a0"


def stream_csv(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A byte order mark first, so that Excel reads UTF-8."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + writer.writerow([cell(value) for value in header])
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: Any) -> str:
    """Text that could start a formula gets an apostrophe in front; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return f"{value.quantize().amount:f}"
    if isinstance(value, datetime):
        return (
            timezone.localtime(value).isoformat(timespec="seconds") if timezone.is_aware(value) else value.isoformat()
        )
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.lstrip(LEADING).startswith(LIVE) or value.startswith("'") else value


def original(text: str) -> str:
    """The text as it was before `cell`: what an import of our own export reads."""
    return text[1:] if text.startswith("'") else text


class _Echo:
    @staticmethod
    def write(line: str) -> str:
        return line
