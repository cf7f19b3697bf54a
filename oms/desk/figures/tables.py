"""Every figure as a table and a chart: its columns, its key in an address, the tab it stands on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from oms.desk import figures
from oms.desk.figures import CHANNEL, DAY, LOCATION, Scope

BY = ((CHANNEL, "channel"), (LOCATION, "location"))


@dataclass(frozen=True)
class Table:
    """`plot` is the column that the chart shows, `unit` what it counts; each word in column `split` has a chart."""

    key: str
    title: str
    head: tuple[str, ...]
    rows: Callable[[Scope], figures.Rows]
    plot: int
    unit: str = ""
    line: bool = False
    split: int | None = None


@dataclass(frozen=True)
class Drawn:
    table: Table
    rows: figures.Rows

    @property
    def quick(self) -> bool:
        """Hours that are all below one are plotted as minutes."""
        known = [row[self.table.plot] for row in self.rows if row[self.table.plot]]
        return self.table.unit == "h" and bool(known) and max(known) < 1

    @property
    def unit(self) -> str:
        return "min" if self.quick else self.table.unit

    @property
    def plots(self) -> list[dict[str, Any]]:
        """Amounts of two currencies never share an axis."""
        if self.table.split is None:
            return [{"title": self.table.title, "unit": self.unit, "pairs": self._pairs(self.rows)}]
        codes = sorted({row[self.table.split] for row in self.rows})
        parts = [(code, [row for row in self.rows if row[self.table.split] == code]) for code in codes]
        return [
            {"title": f"{self.table.title}, {code}", "unit": code, "pairs": self._pairs(rows)} for code, rows in parts
        ]

    def _pairs(self, rows: figures.Rows) -> list[tuple[str, Any]]:
        times = 60 if self.quick else 1
        values = [(_word(row[0]), row[self.table.plot]) for row in rows]
        return [(word, value if value is None or times == 1 else round(value * times, 1)) for word, value in values]

    @property
    def stack(self) -> list[tuple[str, list[tuple[str, Any]]]]:
        """Of the backlog by group: what waits, its ages upon each other."""
        if self.table.head[1:] != AGES:
            return []
        return [(_word(group), list(zip(AGES, counts, strict=True))) for group, *counts in self.rows]

    @property
    def told(self) -> bool:
        return any(value for row in self.rows for value in row[1:] if not isinstance(value, str))

    @property
    def shown(self) -> list[tuple]:
        digits = 2 if self.table.unit == "h" else 1
        return [(_word(row[0]), *(_number(value, digits) for value in row[1:])) for row in self.rows]


def _by(
    figure: Callable, key: str, word: str, head: tuple[str, ...], plot: int, unit: str = "", split: int | None = None
) -> tuple[Table, ...]:
    """The figure by channel and by location."""
    return tuple(
        Table(
            f"{key}-by-{by}",
            f"{word} by {name}",
            (name.title(), *head),
            lambda scope, by=by: figure(scope, by),
            plot,
            unit,
            split=split,
        )
        for by, name in BY
    )


STAGE = ("Stage", "Orders", "Median, h", "Nine of ten within, h")
SHIPPED = ("Orders", "Median, h", "Nine of ten within, h")
KEPT = ("Promises", "Kept", "Per cent")
AGES = tuple(word for word, *_ in figures.AGES)
BACK = ("Units sent", "Units back", "Per cent")
TRADE = ("Orders", "Units")
SOLD = ("Currency", "Revenue")
TABS: dict[str, tuple[str, tuple[Table, ...]]] = {
    "lead": (
        "Lead time",
        (
            Table("lead-time", "Time by stage", STAGE, figures.lead_times, 2, "h"),
            *_by(figures.to_ship, "lead-time", "Received to shipped", SHIPPED, 2, "h"),
        ),
    ),
    "on-time": (
        "On time",
        (
            Table("on-time", "Kept, by day", ("Day", *KEPT), lambda s: figures.on_time(s, DAY), 3, "%", line=True),
            *_by(figures.on_time, "on-time", "Kept", KEPT, 3, "%"),
        ),
    ),
    "backlog": (
        "Backlog",
        (
            Table("backlog", "Not sent yet, by age", ("Age", "Orders"), figures.backlog, 1),
            *_by(figures.backlog, "backlog", "Not sent yet,", AGES, 1),
        ),
    ),
    "returns": (
        "Returns",
        (
            Table("reasons", "Units back, by reason", ("Reason", "Units", "Per cent"), figures.reasons, 1),
            Table(
                "returns", "Back, by day sold", ("Day", *BACK), lambda s: figures.returned(s, DAY), 3, "%", line=True
            ),
            *_by(figures.returned, "returns", "Back", BACK, 3, "%"),
        ),
    ),
    "orders": (
        "Orders",
        (
            Table("orders", "Orders by day", ("Day", *TRADE), lambda s: figures.trade(s, DAY), 1, line=True),
            *_by(figures.trade, "orders", "Orders", TRADE, 1),
        ),
    ),
    "revenue": (
        "Revenue",
        (
            Table(
                "revenue",
                "Revenue by day",
                ("Day", *SOLD),
                lambda s: figures.revenue(s, DAY),
                2,
                line=True,
                split=1,
            ),
            *_by(figures.revenue, "revenue", "Revenue", SOLD, 2, split=1),
        ),
    ),
}
TABLES = {table.key: table for _, tables in TABS.values() for table in tables}


def _number(value: Any, digits: int) -> Any:
    if isinstance(value, float):
        return f"{value:,.{digits}f}"
    return value if value is None or isinstance(value, str) else f"{value:,}"


def _word(value: Any) -> str:
    return f"{value:%-d %b}" if isinstance(value, date) else str(value)
