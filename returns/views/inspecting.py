"""What came back, unit by unit: where it goes, and whether the customer gets the money."""

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import requires
from returns import inspection
from returns.forms import InspectForm
from returns.models import Return, ReturnLine
from returns.statuses import Disposition, ReturnOrderState
from returns.views.dialogs import ask, found

AT_ONCE = 50
QUICK = (Disposition.RESTOCK, Disposition.REFURBISH, Disposition.QUARANTINE, Disposition.SCRAP)


@requires("returns.view", "returns.inspect")
def queue(request: HttpRequest) -> HttpResponse:
    """Everything that waits for a look, the oldest arrival first."""
    rows = list(_waiting(request.user)[: AT_ONCE + 1])
    shelves = inspection.suggest_bins(rows)
    for row in rows:
        row.shelf = shelves[row.pk]
    context = {"rows": rows[:AT_ONCE], "more": len(rows) > AT_ONCE, "quick": QUICK}
    return htmx.render_page_or_part(request, "returns/inspect/queue.html", "returns/inspect/_queue.html", context)


@requires("returns.view", "returns.inspect")
@once
def line(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """With all there is to say of it."""
    rma = found(request, number)
    row = _line(rma, pk)
    form = InspectForm(request.POST or None, line=row, suggested=inspection.suggest_bin(row), user=request.user)

    def verb(said: dict[str, Any]) -> str:
        done = inspection.inspect(row, **said, by=request.user)
        return f"{done.quantity} × {row.order_line.sku_code}: {done.get_disposition_display().lower()}."

    text = f"{row.undecided} × {row.order_line.sku_code} {row.order_line.name}. {row.get_reason_display()}."
    back = rma.get_absolute_url()
    return ask(request, form, title=f"Inspect · {rma}", submit="Decide", verb=verb, back=back, text=text)


@requires("returns.view", "returns.inspect")
@require_POST
@once
def quick(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One unit, one button: accepted, and where it goes."""
    rma = found(request, number)
    row = _line(rma, pk)
    disposition = request.POST.get("disposition", "")
    back = {"return": rma.get_absolute_url(), "receive": reverse("returns:receive-one", args=[rma.number])}

    def verb() -> str:
        if disposition not in QUICK:
            raise inspection.NotInspectable("Choose where the unit goes.")
        which = request.POST.get("which", "")
        done = inspection.inspect(row, quantity=1, disposition=disposition, which=which, by=request.user)
        where = f" to {done.bin}" if done.bin else ""
        return f"{row.order_line.sku_code}: {done.get_disposition_display().lower()}{where}."

    return htmx.act(request, back.get(request.POST.get("back", ""), reverse("returns:inspect")), verb)


def _waiting(user: Any) -> QuerySet:
    rows = ReturnLine.objects.filter(
        rma__in=Return.objects.visible_to(user),
        rma__state__in=(ReturnOrderState.RECEIVING, ReturnOrderState.RECEIVED),
        received__gt=F("accepted") + F("rejected"),
    )
    rows = rows.prefetch_related("pieces__lot", "pieces__serial")
    return rows.select_related("rma__order", "rma__location", "order_line__sku").order_by("rma", "pk")


def _line(rma: Return, pk: int) -> ReturnLine:
    row = get_object_or_404(ReturnLine.objects.select_related("order_line__sku"), rma=rma, pk=pk)
    row.rma = rma
    return row
