"""Files of orders: upload, look at every row, run, watch, undo."""

from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST

from oms.common import exports, htmx, lists
from oms.common.errors import Invalid, Refused
from oms.common.once import once
from oms.common.pagination import keyset
from oms.common.permissions import requires
from orders import importing
from orders.models import Channel, ImportRow, ImportRun
from orders.statuses import ImportState

SAMPLE = ("A-1001", "2026-11-24 09:30", "EUR", "ship", "", "", "4.90", "", "", "Jane Doe", "jane@example.org", "")
SAMPLE += (
    "Jungfernstieg 7",
    "",
    "20354",
    "Hamburg",
    "",
    "DE",
    "",
    "MUG",
    "2",
    "10.00",
    "0",
    "3.80",
    "",
    "paid",
    "28.70",
)
SAMPLE += ("PAY-1",)


def _runs(user: Any) -> QuerySet:
    rows = ImportRun.objects.select_related("channel", "author").defer("source")
    bad = Count("rows", filter=Q(rows__verdict=ImportRow.Verdict.FAIL))
    return rows.annotate(orders=Count("rows"), bad=bad) if user.can("orders.import") else rows.none()


IMPORTS = lists.List(
    name="imports",
    noun="imports",
    rows=_runs,
    columns=[
        lists.Column("file", "File", value="filename"),
        lists.Column("channel", "Channel", value="channel.name"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("orders", "Orders", kind="number"),
        lists.Column("bad", "With errors", kind="number"),
        lists.Column("by", "By", value=lambda run: str(run.author or "–")),
        lists.Column("created", "Uploaded", value="created_at", kind="time", sort="created_at"),
    ],
    operators=[lists.Choice("state", "how far it is", "done", lookup="state", choices=ImportState.choices)],
    free=lambda text, user: Q(filename__icontains=text),
    sort="-created",
    row_url=lambda run: reverse("orders:import", args=[run.pk]),
    empty=lists.Empty(
        "No imports yet",
        "Upload a CSV file of orders. You see every row before anything is created.",
        "Upload a file",
        reverse_lazy("orders:import-new"),
        "orders.import",
    ),
)


class UploadForm(forms.Form):
    channel = forms.ModelChoiceField(Channel.objects.none(), help_text="Whose orders they are.")
    file = forms.FileField(label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = Channel.objects.filter(active=True).order_by("name")


@requires("orders.import")
def index(request: HttpRequest) -> HttpResponse:
    return IMPORTS.respond(request, "orders/imports/index.html")


@requires("orders.import")
@once
def new(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > importing.LARGEST:
                raise Invalid(f"At most {importing.LARGEST // 1024 // 1024} MB. Split the file.", field="file")
            run = importing.upload(form.cleaned_data["channel"], file.name, file.read(), by=request.user)
            return htmx.done(request, reverse("orders:import", args=[run.pk]))
        except Invalid as e:
            form.add_error("file", str(e))
    context = {"form": form, "columns": importing.COLUMNS, "needed": importing.NEEDED}
    return render(request, "orders/imports/new.html", context, status=422 if form.errors else 200)


@requires("orders.import")
def sample(request: HttpRequest) -> HttpResponse:
    return exports.stream_csv("orders-sample.csv", importing.COLUMNS, [SAMPLE])


@requires("orders.import")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun.objects.select_related("channel", "author", "job").defer("source"), pk=pk)
    rows = run.rows.select_related("order")
    only = request.GET.get("only", "")
    if only in ImportRow.Verdict.values:
        rows = rows.filter(verdict=only)
    found = importing.counts(run)
    context = {
        "run": run,
        "page": keyset(rows, request, order=("first_line",), size=100),
        "counts": [(value, label, found[value]) for value, label in ImportRow.Verdict.choices if found[value]],
        "ready": found[ImportRow.Verdict.CREATE],
        "created": found[ImportRow.Verdict.CREATED],
        "only": only,
        "total": sum(found.values()),
    }
    return render(request, "orders/imports/show.html", context)


@requires("orders.import")
@require_POST
@once
def start(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun.objects.defer("source"), pk=pk)
    page = reverse("orders:import", args=[run.pk])
    try:
        importing.start(run, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=page)
    return htmx.done(request, page, toast="It is being imported.")
