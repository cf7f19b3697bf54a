"""Files of SKUs, bins and stock: upload, look at every row, run, watch, mend what failed; and the same lists out."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST

from inventory import importing
from inventory.forms.importing import UploadForm
from inventory.models import StockImport
from inventory.statuses import TO_DO, ImportKind, ImportState, RowVerdict
from oms.common import exports, htmx, lists
from oms.common.errors import Invalid
from oms.common.once import once
from oms.common.pagination import keyset
from oms.common.permissions import requires, requires_any

MAY = ("inventory.manage", "inventory.adjust")


def mine(user: Any) -> QuerySet:
    kinds = [value for value, _ in importing.kinds_for(user)]
    rows = StockImport.objects.filter(kind__in=kinds).select_related("author", "job")
    return rows if user.all_locations else rows.filter(author=user)


def counted(user: Any) -> QuerySet:
    return mine(user).annotate(total=Count("rows"), bad=Count("rows", filter=Q(rows__verdict=RowVerdict.FAIL)))


IMPORTS = lists.List(
    name="stock-imports",
    noun="files",
    rows=counted,
    columns=[
        lists.Column("file", "File", value="filename"),
        lists.Column("kind", "What", value=lambda run: run.get_kind_display()),
        lists.Column("state", "State", kind="badge"),
        lists.Column("total", "Rows", kind="number"),
        lists.Column("bad", "With errors", kind="number"),
        lists.Column("by", "By", value=lambda run: str(run.author or "–")),
        lists.Column("created", "Uploaded", value="created_at", kind="time", sort="created_at"),
    ],
    operators=[
        lists.Choice("kind", "what is in it", "stock", lookup="kind", choices=ImportKind.choices),
        lists.Choice("state", "how far it is", "done", lookup="state", choices=ImportState.choices),
    ],
    free=lambda text, user: Q(filename__icontains=text),
    sort="-created",
    row_url=lambda run: run.get_absolute_url(),
    empty=lists.Empty(
        "No files yet",
        "Upload SKUs, bins or stock as a CSV file. You see every row before anything is changed.",
        "Upload a file",
        reverse_lazy("inventory:import-new"),
        "inventory.adjust",
    ),
)


@requires_any(*MAY)
def index(request: HttpRequest) -> HttpResponse:
    return IMPORTS.respond(request, "inventory/imports/index.html")


@requires_any(*MAY)
@once
def new(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        file = said["file"]
        try:
            run = importing.upload(
                said["kind"], file.name, file.read(), mode=said["mode"], reason=said["reason"], by=request.user
            )
            return htmx.done(request, run)
        except Invalid as e:
            form.add_error("file", str(e))
    shapes = [
        (value, label, importing.columns_of(value), importing.needed_of(value))
        for value, label in importing.kinds_for(request.user)
    ]
    context = {"form": form, "shapes": shapes}
    return render(request, "inventory/imports/new.html", context, status=422 if form.errors else 200)


@requires_any(*MAY)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(mine(request.user), pk=pk)
    found, only, rows = importing.counts(run), request.GET.get("only", ""), run.rows.all()
    if only in RowVerdict.values:
        rows = rows.filter(verdict=only)
    context = {
        "run": run,
        "page": keyset(rows, request, order=("line",), size=50),
        "counts": [(value, label, found[value]) for value, label in RowVerdict.choices if found[value]],
        "ready": sum(found[verdict] for verdict in TO_DO),
        "bad": found[RowVerdict.FAIL],
        "only": only,
        "total": sum(found.values()),
    }
    return render(request, "inventory/imports/show.html", context)


@requires_any(*MAY)
@require_POST
@once
def start(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(mine(request.user), pk=pk)

    def done() -> str:
        importing.start(run, by=request.user)
        return "It is being taken in."

    return htmx.act(request, run.get_absolute_url(), done)


@requires_any(*MAY)
def failed(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(mine(request.user), pk=pk)
    return exports.stream_csv(f"{run.kind}-to-mend.csv", (*run.columns, "problem"), importing.failed(run))


@requires("inventory.view")
def export(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in ImportKind.values:
        raise Http404
    return exports.stream_csv(f"{kind}.csv", importing.columns_of(kind), importing.export(kind, request.user))
