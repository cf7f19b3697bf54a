"""Stock between our own places: planned, on its way, arrived."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST

from inventory import transfers
from inventory.forms.supply import TransferForm
from inventory.models import Location, Transfer
from inventory.statuses import TransferState
from inventory.views.purchases import at_noon
from oms.common import htmx, lists
from oms.common.errors import Invalid, Refused
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires


def counted(user: Any) -> QuerySet:
    return (
        Transfer.objects.visible_to(user)
        .select_related("origin", "destination")
        .annotate(units=Coalesce(Sum("lines__quantity"), 0))
    )


TRANSFERS = lists.List(
    name="transfers",
    noun="transfers",
    rows=counted,
    columns=[
        lists.Column("number", "Number", kind="mono", sort="number"),
        lists.Column("origin", "From", value="origin.name"),
        lists.Column("destination", "To", value="destination.name"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("units", "Units", kind="number"),
        lists.Column("expected", "Arrives", value="expected_at", kind="time", sort="expected_at"),
        lists.Column("by", "By", value="created_by_label", extra=True),
    ],
    operators=[
        lists.Choice("state", "where it stands", "shipped", lookup="state", choices=TransferState.choices),
        lists.Is(conditions={"late": Q(state="shipped", expected_at__lt=Now())}),
        lists.Text("sku", "contains a SKU", "MUG", lookups=["lines__sku__code__iexact"]),
        lists.Text("to", "to a place", "BER", lookups=["destination__code__iexact"]),
        lists.Text("from", "from a place", "BER", lookups=["origin__code__iexact"]),
    ],
    free=lambda text, user: Q(number__icontains=text),
    views=[lists.View("Open", "state:draft,shipped", counted=True), lists.View("All")],
    sort="expected",
    row_url=lambda row: row.get_absolute_url(),
    empty=lists.Empty(
        "No transfers yet",
        "Send stock to where it sells. It is promised at its new place once it has arrived.",
        "New transfer",
        reverse_lazy("inventory:transfer-new"),
        "inventory.transfer",
    ),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return TRANSFERS.respond(request, "inventory/transfers/index.html")


@requires("inventory.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "inventory/transfers/show.html", _context(request, _found(request, number)))


@requires("inventory.transfer")
@once
def create(request: HttpRequest) -> HttpResponse:
    form, refusal = TransferForm(request.POST or None, user=request.user), None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            transfer = transfers.create(
                said["origin"],
                said["destination"],
                said["lines"],
                expected_at=at_noon(said["expected_on"], said["destination"]),
                note=said["note"],
                by=request.user,
            )
        except Refused as e:
            refusal = e
        else:
            return htmx.done(request, transfer, toast=f"{transfer} is planned; its units are kept back.")
    context = {"form": form, "refusal": refusal}
    return render(request, "inventory/transfers/new.html", context, status=422 if form.errors or refusal else 200)


@requires("inventory.transfer")
@require_POST
@once
def ship(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, transfers.ship, "{} is on its way.")


@requires("inventory.transfer")
@require_POST
@once
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, transfers.cancel, "{} is cancelled; its units can be sold again.")


@requires("inventory.receive")
@require_POST
@once
def receive(request: HttpRequest, number: str) -> HttpResponse:
    def verb(transfer: Transfer, *, by: Any) -> Transfer:
        return transfers.receive(transfer, _counts(request, transfer), by=by)

    return _act(request, number, verb, "{} is received.")


def _counts(request: HttpRequest, transfer: Transfer) -> dict[int, int]:
    counts = {}
    for line in transfer.lines.select_related("sku"):
        text = request.POST.get(f"came-{line.pk}", "").strip()
        if (came := whole(text, digits=9)) is None:
            raise Invalid(f"{line.sku.code}: say how many came, 0 when none did.")
        counts[line.pk] = came
    return counts


def _context(request: HttpRequest, transfer: Transfer) -> dict[str, Any]:
    mine = Location.objects.visible_to(request.user)
    return {
        "transfer": transfer,
        "lines": transfer.lines.select_related("sku").order_by("sku__code"),
        "can_ship": mine.filter(pk=transfer.origin_id).exists(),
        "can_receive": mine.filter(pk=transfer.destination_id).exists(),
    }


def _act(request: HttpRequest, number: str, verb: Callable[..., Transfer], toast: str) -> HttpResponse:
    transfer = _found(request, number)

    def done() -> str:
        verb(transfer, by=request.user)
        return toast.format(transfer)

    return htmx.act(request, transfer.get_absolute_url(), done)


def _found(request: HttpRequest, number: str) -> Transfer:
    visible = Transfer.objects.visible_to(request.user).select_related("origin", "destination")
    return get_object_or_404(visible, number=number)
