"""Counts at a desk: what is being counted, what differs, and what a lead does with it."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST

from inventory import counting
from inventory.forms.counting import CountForm
from inventory.models import CountedBin, CountLine, CycleCount
from inventory.statuses import BEING_COUNTED, TO_COUNT, CountCause, CountedBinState, CountState
from oms.common import htmx, lists
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires


def counted(user: Any) -> QuerySet:
    rows = CycleCount.objects.visible_to(user).select_related("location")
    return rows.annotate(
        places=Count("bins"),
        to_count=Count("bins", filter=Q(bins__state__in=TO_COUNT)),
        differing=Count("bins", filter=Q(bins__state=CountedBinState.DIFFERS)),
    )


COUNTS = lists.List(
    name="counts",
    noun="counts",
    rows=counted,
    columns=[
        lists.Column("number", "Number", kind="mono", sort="number"),
        lists.Column("location", "Location", value="location.name"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("why", "Why", value=lambda row: row.get_cause_display()),
        lists.Column("bins", "Bins", value=lambda row: f"{row.places - row.to_count:,} of {row.places:,} counted"),
        lists.Column("differing", "Differ", kind="number"),
        lists.Column("created", "Asked for", value="created_at", kind="time", sort="created_at"),
        lists.Column("by", "By", value="created_by_label", extra=True),
    ],
    operators=[
        lists.Choice("state", "how far it is", "review", lookup="state", choices=CountState.choices),
        lists.Choice("why", "what it was started by", "short_pick", lookup="cause", choices=CountCause.choices),
        lists.Text("location", "at a place", "BER", lookups=["location__code__iexact"]),
        lists.Text("bin", "of a bin", "A-01", lookups=lambda value, user: _bin(value)),
    ],
    free=lambda text, user: Q(number__icontains=text) | Q(note__icontains=text),
    views=[
        lists.View("To count", "state:open", counted=True),
        lists.View("To approve", "state:review", counted=True),
        lists.View("All"),
    ],
    sort="-created",
    row_url=lambda row: row.get_absolute_url(),
    empty=lists.Empty(
        "No counts yet",
        "Count some bins a day and the books stay true. Short picks ask for a count by themselves.",
        "New count",
        reverse_lazy("inventory:count-new"),
        "inventory.count",
    ),
)


def _bin(value: str) -> Q:
    return Q(pk__in=CountedBin.objects.filter(bin__code__iexact=value).values("count"))


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return COUNTS.respond(request, "inventory/counts/index.html")


@requires("inventory.count")
@once
def create(request: HttpRequest) -> HttpResponse:
    given = {name: request.GET.get(name, "") for name in ("location", "bins", "skus")}
    form, refusal = CountForm(request.POST or None, user=request.user, initial=given), None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            count = counting.plan(
                said["location"], bins=said["bins"], skus=said["skus"], note=said["note"], by=request.user
            )
        except Refused as e:
            refusal = e
        else:
            return htmx.done(request, count, toast=f"{count} is open. Scan its bins in any order.")
    context = {"form": form, "refusal": refusal}
    return render(request, "inventory/counts/new.html", context, status=422 if form.errors or refusal else 200)


@requires("inventory.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Blind for who counts: what the books say is shown to who may adjust, and to all when it is over."""
    count = found(request, number)
    rows = count.bins.select_related("bin", "sku", "counter", "first_counter")
    lines = CountLine.objects.filter(counted_bin__count=count).exclude(counted_bin__state__in=TO_COUNT)
    context = {
        "count": count,
        "bins": rows.order_by("bin__pick_sequence", "bin__code", "pk"),
        "open": count.state in (CountState.OPEN, CountState.REVIEW),
        "sighted": request.user.can("inventory.adjust") or count.state == CountState.CLOSED,
        "lines": lines.filter(round=F("counted_bin__round"))
        .exclude(difference=0)
        .select_related("sku", "lot", "counted_bin__bin")
        .order_by("counted_bin__bin__pick_sequence", "counted_bin__bin__code", "sku__code", "lot__code", "pk"),
    }
    return render(request, "inventory/counts/show.html", context)


@requires("inventory.adjust")
@require_POST
@once
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    count = found(request, number)

    def done() -> str:
        counting.cancel(count, by=request.user)
        return f"{count} is cancelled; nothing of it is posted."

    return htmx.act(request, count.get_absolute_url(), done)


@requires("inventory.adjust")
@require_POST
@once
def again(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    return _about_bin(request, number, pk, counting.send_back, "{} is counted again by another person.")


@requires("inventory.adjust")
@require_POST
@once
def leave_out(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    return _about_bin(request, number, pk, counting.leave_out, "{} is left out.")


def found(request: HttpRequest, number: str) -> CycleCount:
    return get_object_or_404(CycleCount.objects.visible_to(request.user).select_related("location"), number=number)


def _about_bin(request: HttpRequest, number: str, pk: int, verb: Any, toast: str) -> HttpResponse:
    count = found(request, number)
    row = get_object_or_404(count.bins.filter(state__in=BEING_COUNTED).select_related("bin", "count"), pk=pk)

    def done() -> str:
        verb(row, by=request.user)
        return toast.format(row)

    return htmx.act(request, count.get_absolute_url(), done)
