"""Small charts laid out on the server as SVG: no script, no style attribute, colours come from the stylesheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from math import ceil, floor, log10

Value = int | float | Decimal
Pairs = Sequence[tuple[str, Value | None]]
WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 40, 16, 10, 24
WORDS = 8  # labels along the bottom
COLOURS = 6


@dataclass(frozen=True)
class Point:
    label: str
    value: Value | None
    x: float
    y: float
    width: float = 0
    height: float = 0
    css: str = "c1"
    name: str = ""


@dataclass(frozen=True)
class Tick:
    text: str
    at: float


@dataclass(frozen=True)
class Series:
    """Points in runs: a value that is not known is a gap, not a zero."""

    name: str
    css: str
    runs: list[list[Point]] = field(default_factory=list)

    @property
    def points(self) -> list[Point]:
        return [point for run in self.runs for point in run]

    @property
    def lines(self) -> list[str]:
        return [path(run) for run in self.runs if len(run) > 1]

    @property
    def areas(self) -> list[str]:
        floor_y = HEIGHT - BOTTOM
        return [f"{run[0].x},{floor_y} {path(run)} {run[-1].x},{floor_y}" for run in self.runs if len(run) > 1]


def lines(series: Sequence[tuple[str, Pairs]]) -> tuple[list[Series], list[Tick], list[Tick]]:
    """(series, ticks at the left, words at the bottom) of lines over the same labels."""
    top = top_of(value for _, pairs in series for _, value in pairs)
    laid = [_line(name, pairs, top, colour(n)) for n, (name, pairs) in enumerate(series)]
    labels = [label for label, _ in series[0][1]] if series else []
    return laid, ticks(top), words(labels, _step(len(labels)), LEFT)


def bars(rows: Sequence[tuple[str, Sequence[tuple[str, Value | None]]]]) -> tuple[list[Point], list[Tick], list[Tick]]:
    """(bars, ticks, words): a column for each row, its parts upon each other."""
    top = top_of(sum(value or 0 for _, value in parts) for _, parts in rows)
    step = (WIDTH - LEFT - RIGHT) / max(len(rows), 1)
    width = min(step * 0.72, 48)
    found = []
    for n, (label, parts) in enumerate(rows):
        x = LEFT + n * step + (step - width) / 2
        ends = list(accumulate(float(value or 0) for _, value in parts))
        for i, ((name, value), end) in enumerate(zip(parts, ends, strict=True)):
            y, height = _y(end, top), _y(end - float(value or 0), top) - _y(end, top)
            if value:
                found.append(Point(label, value, _r(x), _r(y), _r(width), _r(height), colour(i), name))
    return found, ticks(top), words([label for label, _ in rows], step, LEFT + step / 2)


def strip(parts: Sequence[tuple[str, Value, str]], *, width: int = WIDTH, height: int = 8) -> list[Point]:
    """(word, value, tone) side by side in one bar, each as wide as its share."""
    total = sum(float(value) for _, value, _ in parts) or 1
    starts = [0.0, *accumulate(float(value) / total * width for _, value, _ in parts)]
    return [
        Point(word, value, _r(start), 0, _r(float(value) / total * width), height, tone)
        for (word, value, tone), start in zip(parts, starts, strict=False)
        if value
    ]


def spark(values: Sequence[Value], *, width: int = 96, height: int = 24) -> str:
    top, step = max([float(value) for value in values], default=0) or 1, width / max(len(values) - 1, 1)
    return " ".join(f"{_r(n * step)},{_r(height - 2 - float(v) / top * (height - 4))}" for n, v in enumerate(values))


def path(points: Sequence[Point]) -> str:
    return " ".join(f"{point.x},{point.y}" for point in points)


def colour(n: int) -> str:
    return f"c{n % COLOURS + 1}"


def top_of(values: Iterable[Value | None]) -> float:
    """The next round number above every value."""
    most = max((float(value) for value in values if value is not None), default=0)
    if most <= 0:
        return 1
    power = 10 ** floor(log10(most))
    return round(next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= most), 12)


def ticks(top: float) -> list[Tick]:
    """Zero, the middle and the top."""
    return [Tick(short(value), _r(_y(value, top))) for value in (0, top / 2, top)]


def words(labels: Sequence[str], step: float, start: float) -> list[Tick]:
    """As many labels as fit, evenly picked, each at its place."""
    every = max(1, ceil(len(labels) / WORDS))
    return [Tick(label, _r(start + n * step)) for n, label in enumerate(labels) if n % every == 0]


def short(value: Value) -> str:
    """ "1.2k" of 1200, "0.5" of a half."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if abs(value) >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _line(name: str, pairs: Pairs, top: float, css: str) -> Series:
    runs: list[list[Point]] = [[]]
    step = _step(len(pairs))
    for n, (label, value) in enumerate(pairs):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(Point(label, value, _r(LEFT + n * step), _r(_y(value, top)), css=css, name=name))
    return Series(name, css, [run for run in runs if run])


def _step(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(count - 1, 1)


def _y(value: Value, top: float) -> float:
    return HEIGHT - BOTTOM - max(float(value), 0) / top * (HEIGHT - TOP - BOTTOM)


def _r(number: float) -> float:
    return round(number, 1)
