"""What the house has learned: one figure at a time, of any period, channel and place, as plot, table and CSV."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from inventory.models import Location
from oms.common import exports
from oms.common.permissions import requires
from oms.desk import figures
from oms.desk.figures import CHANNEL, DAY, LOCATION, Scope
from orders.models import Channel

LONGEST_DAYS = 731
PERIODS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year"))
USUAL = 30
BY = ((CHANNEL, "channel"), (LOCATION, "location"))


@dataclass(frozen=True)
class Table:
    """`plot` is the column that the chart shows, `unit` what it counts."""

    key: str
    title: str
    head: tuple[str, ...]
    rows: Callable[[Scope], figures.Rows]
    plot: int
    unit: str = ""
    line: bool = False


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
    def pairs(self) -> list[tuple[str, Any]]:
        values = [row[self.table.plot] for row in self.rows]
        if self.quick:
            values = [None if value is None else round(value * 60, 1) for value in values]
        return [(_word(row[0]), value) for row, value in zip(self.rows, values, strict=True)]

    @property
    def shown(self) -> list[tuple]:
        return [(_word(row[0]), *row[1:]) for row in self.rows]


def _by(figure: Callable, key: str, word: str, head: tuple[str, ...], plot: int, unit: str) -> tuple[Table, ...]:
    """The figure by channel and by location."""
    return tuple(
        Table(f"{key}-by-{by}", f"{word} by {name}", (name.title(), *head), lambda s, by=by: figure(s, by), plot, unit)
        for by, name in BY
    )


STAGE = ("Stage", "Orders", "Median, h", "Nine of ten within, h")
SHIPPED = ("Orders", "Median, h", "Nine of ten within, h")
KEPT = ("Promises", "Kept", "Per cent")
AGES = tuple(word for word, *_ in figures.AGES)
BACK = ("Units sent", "Units back", "Per cent")
TRADE = ("Orders", "Units")
TABS: dict[str, tuple[str, tuple[Table, ...]]] = {
    "lead": (
        "Lead time",
        (
            Table("lead-by-stage", "Time by stage", STAGE, figures.lead_times, 2, "h"),
            *_by(figures.to_ship, "lead", "Received to shipped", SHIPPED, 2, "h"),
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
            *_by(figures.backlog, "backlog", "Not sent yet,", AGES, 1, ""),
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
            *_by(figures.trade, "orders", "Orders", TRADE, 1, ""),
        ),
    ),
}
TABLES = {table.key: table for _, tables in TABS.values() for table in tables}


class ScopeForm(forms.Form):
    start = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))
    channel = forms.ModelChoiceField(
        Channel.objects.order_by("name"), required=False, to_field_name="code", empty_label="All channels"
    )
    location = forms.ModelChoiceField(
        Location.objects.none(), required=False, to_field_name="code", empty_label="All places"
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["location"].queryset = Location.objects.visible_to(user).order_by("name")

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not self.errors and said["end"] < said["start"]:
            self.add_error("end", "The last day comes before the first.")
        elif not self.errors and (said["end"] - said["start"]).days >= LONGEST_DAYS:
            self.add_error("start", "At most two years at a time.")
        return said

    @property
    def scope(self) -> Scope:
        said = self.cleaned_data
        within = None
        if not self.user.all_locations:
            within = tuple(self.fields["location"].queryset.values_list("pk", flat=True))
        return Scope(said["start"], said["end"], said["channel"], said["location"], within)


@requires("desk.insights")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """`?figure=…&format=csv` is one table as a file; what can't be read is said, and nothing is lost of it."""
    form = ScopeForm(_asked(request), user=request.user)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else next(iter(TABS))
    if not form.is_valid():
        return render(request, "desk/insights/show.html", _frame(form, tab), status=422)
    if request.GET.get("format") == "csv" and (table := TABLES.get(request.GET.get("figure", ""))):
        return exports.stream_csv(_file_name(table, form.scope), table.head, table.rows(form.scope))
    drawn = [Drawn(table, table.rows(form.scope)) for table in TABS[tab][1]]
    context = _frame(form, tab) | {"drawn": drawn, "kpis": list(_kpis(form.scope))}
    return render(request, "desk/insights/show.html", context)


def _asked(request: HttpRequest) -> dict[str, str]:
    """The last thirty days, unless something was asked for."""
    today = timezone.localdate()
    said = {name: request.GET.get(name, "") for name in ("start", "end", "channel", "location")}
    if "start" not in request.GET and "end" not in request.GET:
        said |= {"start": str(today - timedelta(USUAL - 1)), "end": str(today)}
    return said


def _frame(form: ScopeForm, tab: str) -> dict[str, Any]:
    """What stands around the figures, with addresses that keep what was chosen."""
    said, today = {name: value for name, value in form.data.items() if value}, timezone.localdate()
    periods = [
        (word, urlencode(said | {"start": str(today - timedelta(days - 1)), "end": str(today), "tab": tab}))
        for days, word in PERIODS
    ]
    chosen = urlencode(said | {"tab": tab})
    return {
        "form": form,
        "tab": tab,
        "tabs": [(key, word, urlencode(said | {"tab": key})) for key, (word, _) in TABS.items()],
        "periods": [(word, query, query == chosen) for word, query in periods],
        "query": urlencode(said),
    }


def _kpis(scope: Scope) -> Iterator[dict[str, str]]:
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
        yield {"label": label, "value": "–" if now is None else f"{now:g}{unit}", **_change(now, then, better)}
    told = figures.returned(scope, CHANNEL)
    sent, back = sum(row[1] for row in told), sum(row[2] for row in told)
    yield {
        "label": "Sent back",
        "value": f"{100 * back / sent:.1f} %" if sent else "–",
        "detail": f"{back} of {sent} units",
    }


def _change(now: float | None, then: float | None, better: int) -> dict[str, str]:
    if now is None or then is None:
        return {"detail": "nothing to compare with"}
    if now == then:
        return {"detail": "as in the period before"}
    tone = "ok" if (now - then) * better > 0 else "bad"
    return {"change": f"{now - then:+.4g}", "tone": tone, "detail": f"from {then:g} in the period before"}


def _file_name(table: Table, scope: Scope) -> str:
    return f"{table.key}-{scope.start}-{scope.end}.csv"


def _word(value: Any) -> str:
    return f"{value:%-d %b}" if isinstance(value, date) else str(value)
