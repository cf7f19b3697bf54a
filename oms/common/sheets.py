"""A table that somebody uploads: CSV in the encodings and with the separators that spreadsheets write."""

import csv
import io
import re
from collections.abc import Collection, Iterator
from typing import Any

from oms.common import exports
from oms.common.errors import Invalid

LARGEST = 10 * 1024 * 1024


def read(
    data: bytes, *, needed: Collection[str], most: int, largest: int = LARGEST
) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """(columns, rows with their line in the file). Column names are lower case with _; empty lines are left out.

    Raises Invalid, with a sentence, for what is no such table.
    """
    if not data.strip():
        raise Invalid("The file is empty.", field="file")
    if len(data) > largest:
        raise Invalid(f"At most {largest // 1024 // 1024} MB. Split the file.", field="file")
    text = _text(data)
    head = text.splitlines()[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    names = [re.sub(r"\W+", "_", name.strip().lower()) for name in next(_cells(reader))]
    if missing := [name for name in needed if name not in names]:
        raise Invalid(f"These columns are missing: {', '.join(missing)}.", field="file")
    return names, _rows(reader, names, most)


def _rows(reader: Any, names: list[str], most: int) -> Iterator[tuple[int, dict[str, str]]]:
    for number, cells in enumerate(_cells(reader), start=2):
        if number > most + 1:
            raise Invalid(f"At most {most:,} rows. Split the file.", field="file")
        if any(cell.strip() for cell in cells):
            yield number, dict(zip(names, (exports.original(cell.strip()) for cell in cells), strict=False))


def _cells(reader: Any) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as e:
        raise Invalid(f"The file can't be read as a table: {e}.", field="file") from e


def _text(data: bytes) -> str:
    if b"\x00" in data:
        raise Invalid("This is no CSV file.", field="file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
