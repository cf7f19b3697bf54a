"""The row at the top: a few figures of the period, each beside the period before."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from oms.common.money import ZERO, Money
from oms.desk import figures
from oms.desk.figures import DAY, Scope


def kpis(scope: Scope) -> Iterator[dict[str, str]]:
    """Of the period, with the change from the one before."""
    told = figures.summary(scope)
    for key, label, unit, better in (
        ("orders", "Orders", "", 1),
        ("to_ship", "Received to shipped", " h", -1),
        ("on_time", "On time", " %", 1),
    ):
        now, then = told[key]
        if key == "to_ship" and now is not None and now < 1:
            now, then, unit = round(now * 60, 1), then and round(then * 60, 1), " min"
        yield {"label": label, "value": "–" if now is None else f"{_short(now):,}{unit}", **_change(now, then, better)}
    yield from _sold(scope)
    now, then = _rates(scope)
    yield {"label": "Sent back", "value": "–" if now is None else f"{now:g} %", **_change(now, then, -1)}


def _sold(scope: Scope) -> Iterator[dict[str, str]]:
    """A figure for each currency."""
    amounts: dict[str, list[Decimal]] = {}
    for day, code, amount in figures.revenue(scope.with_before, DAY):
        amounts.setdefault(code, [ZERO, ZERO])[day < scope.start] += amount
    for code, (now, then) in amounts.items():
        yield {"label": "Revenue", "value": str(Money(now, code)), **_change(now, then, 1)}


def _rates(scope: Scope) -> list[float | None]:
    """Per cent of units sent that come back: of the period and of the one before."""
    sent, back = [0, 0], [0, 0]
    for day, units, returned, _ in figures.returned(scope.with_before, DAY):
        sent[day < scope.start] += units
        back[day < scope.start] += returned
    return [figures.percent(part, whole) for part, whole in zip(back, sent, strict=True)]


def _change(now: Any, then: Any, better: int) -> dict[str, str]:
    if now is None or then is None:
        return {"detail": "nothing to compare with"}
    if now == then:
        return {"detail": "as in the period before"}
    tone = "ok" if (now - then) * better > 0 else "bad"
    return {"change": f"{_short(now - then):+,}", "tone": tone, "detail": f"from {_short(then):,} in the period before"}


def _short(value: Any) -> Any:
    """Without the digits that nobody compares."""
    value = value if isinstance(value, int | Decimal) else round(value, 1)
    return int(value) if value == int(value) else value
