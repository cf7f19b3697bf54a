"""Small charts drawn on the server as SVG: no script, no style attribute, colours come from the stylesheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

Value = int | float | Decimal
WIDTH, HEIGHT, PAD = 640, 180, 8


@dataclass(frozen=True)
class Point:
    label: str
    value: Value | None
    x: float
    y: float
    width: float = 0
    height: float = 0


def line(pairs: Sequence[tuple[str, Value | None]], *, width: int = WIDTH, height: int = HEIGHT) -> list[Point]:
    """Points from left to right, the highest at the top and zero at the bottom. Unknown values are left out."""
    top = _top(pairs)
    step = (width - 2 * PAD) / max(len(pairs) - 1, 1)
    return [
        Point(label, value, round(PAD + n * step, 1), _y(value, top, height))
        for n, (label, value) in enumerate(pairs)
        if value is not None
    ]


def bars(pairs: Sequence[tuple[str, Value | None]], *, width: int = WIDTH, height: int = HEIGHT) -> list[Point]:
    """A bar for each pair, standing on zero."""
    top = _top(pairs)
    step = (width - 2 * PAD) / max(len(pairs), 1)
    found = []
    for n, (label, value) in enumerate(pairs):
        y = _y(value or 0, top, height)
        found.append(Point(label, value, round(PAD + n * step, 1), y, round(step * 0.8, 1), round(height - PAD - y, 1)))
    return found


def path(points: Sequence[Point]) -> str:
    return " ".join(f"{point.x},{point.y}" for point in points)


def _top(pairs: Sequence[tuple[str, Value | None]]) -> float:
    return max([float(value) for _, value in pairs if value is not None], default=0) or 1


def _y(value: Value, top: float, height: int) -> float:
    return round(height - PAD - max(float(value), 0) / top * (height - 2 * PAD), 1)
