"""What the house has learned: one figure at a time, of any period, channel and place, as plot, table and CSV."""

from datetime import timedelta
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
from oms.desk.figures import Scope
from oms.desk.figures.headline import kpis
from oms.desk.figures.tables import TABLES, TABS, Drawn, Table
from orders.models import Channel

LONGEST_DAYS = 731
PERIODS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year"))
USUAL = 30
UNREAD = {"invalid": "There is no such day. Write it like 2026-11-24.", "required": "Choose both dates."}


class ScopeForm(forms.Form):
    start = forms.DateField(label="From", error_messages=UNREAD, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="To", error_messages=UNREAD, widget=forms.DateInput(attrs={"type": "date"}))
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
            within = self.fields["location"].queryset.values("pk")
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
    nothing = not any(one.told for one in drawn)
    context = _frame(form, tab) | {"drawn": drawn, "kpis": list(kpis(form.scope)), "nothing": nothing}
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


def _file_name(table: Table, scope: Scope) -> str:
    return f"{table.key}-{scope.start}-{scope.end}.csv"
