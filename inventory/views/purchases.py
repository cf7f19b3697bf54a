"""What was bought: the list of what is due, and one purchase from draft to the last unit."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_POST

from inventory import links, papers, purchasing, skus
from inventory.forms.supply import PostponeForm, PurchaseForm, ReceiveForm
from inventory.models import Location, PurchaseLine, PurchaseOrder, Supplier
from inventory.skus import Scan
from inventory.statuses import PURCHASES_DUE, PurchaseState
from oms.common import htmx, lists
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires


def counted(user: Any) -> QuerySet:
    return (
        PurchaseOrder.objects.visible_to(user)
        .select_related("supplier", "location")
        .annotate(ordered=Coalesce(Sum("lines__ordered"), 0), came=Coalesce(Sum("lines__received"), 0))
        .annotate(skus=Count("lines"))
    )


PURCHASES = lists.List(
    name="purchases",
    noun="purchases",
    rows=counted,
    columns=[
        lists.Column("number", "Number", kind="mono", sort="number"),
        lists.Column("supplier", "Supplier", value="supplier.name", sort="supplier__name"),
        lists.Column("location", "For", value="location.name"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("skus", "SKUs", kind="number"),
        lists.Column("units", "Came", value=lambda row: f"{row.came:,} of {row.ordered:,}"),
        lists.Column("expected", "Expected", value="expected_at", kind="time", sort="expected_at"),
        lists.Column("by", "By", value="created_by_label", extra=True),
    ],
    operators=[
        lists.Choice("state", "where it stands", "ordered", lookup="state", choices=PurchaseState.choices),
        lists.Is(conditions={"late": Q(state__in=PURCHASES_DUE, expected_at__lt=Now())}),
        lists.Text("sku", "contains a SKU", "MUG", lookups=["lines__sku__code__iexact"]),
        lists.Text("location", "for a place", "BER", lookups=["location__code__iexact"]),
        lists.Date("expected", "when due", "today", lookup="expected_at"),
    ],
    free=lambda text, user: Q(number__icontains=text) | Q(supplier__name__icontains=text),
    views=[
        lists.View("Due", "state:ordered,partially_received", counted=True),
        lists.View("Late", "is:late", counted=True),
        lists.View("Drafts", "state:draft"),
        lists.View("All"),
    ],
    sort="expected",
    row_url=lambda row: row.get_absolute_url(),
    empty=lists.Empty(
        "No purchases yet",
        "Buy from a supplier and backorders show when their stock is expected.",
        "New purchase",
        reverse_lazy("inventory:purchase-new"),
        "inventory.manage",
    ),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return PURCHASES.respond(request, "inventory/purchases/index.html")


@requires("inventory.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    scan, wrong = _scanned(request.GET.get("scan", ""))
    purchase = _found(request, number)
    if scan and not purchase.lines.filter(sku=scan.sku).exists():
        scan, wrong = None, f"{scan.sku.code} {scan.sku.name} was not ordered with {purchase}. Put it aside."
    return render(request, "inventory/purchases/show.html", _context(request, purchase, scan=scan) | {"wrong": wrong})


@requires("inventory.view")
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """A customer's address stands on those that go straight there: for who may see orders."""
    purchase = _found(request, number)
    if purchase.ships_to_id and not request.user.can("orders.view"):
        raise Http404
    answer = HttpResponse(papers.purchase_order(purchase), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{purchase.number}.pdf"'
    return answer


@requires("inventory.manage")
@once
def create(request: HttpRequest) -> HttpResponse:
    form = PurchaseForm(request.POST or None, user=request.user, initial={"lines": request.GET.get("lines", "")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        supplier = said["supplier"] or Supplier.objects.get_or_create(name=said["new_supplier"].strip())[0]
        purchase = purchasing.create(
            supplier,
            said["location"],
            said["lines"],
            expected_at=at_noon(said["expected_on"], said["location"]),
            note=said["note"],
            by=request.user,
        )
        return htmx.done(request, purchase, toast=f"{purchase} is a draft. Place it when it is right.")
    return render(request, "inventory/purchases/new.html", {"form": form}, status=422 if form.errors else 200)


@requires("inventory.manage")
@require_POST
@once
def place(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, purchasing.place, "{} is placed and counts as due.")


@requires("inventory.manage")
@require_POST
@once
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, purchasing.cancel, "{} is cancelled.")


@requires("inventory.receive")
@require_POST
@once
def close(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, purchasing.close_short, "{} is closed. What is missing no longer counts as due.")


@requires("inventory.manage")
@require_POST
@once
def postpone(request: HttpRequest, number: str) -> HttpResponse:
    purchase, form = _found(request, number), PostponeForm(request.POST)
    if not form.is_valid():
        return render(request, "inventory/purchases/show.html", _context(request, purchase, postpone=form), status=422)
    purchasing.postpone(purchase, at_noon(form.cleaned_data["expected_on"], purchase.location), by=request.user)
    return htmx.done(request, purchase, toast="The new day is noted.")


@requires("inventory.receive")
@require_POST
@once
def receive(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    purchase = _found(request, number)
    line = get_object_or_404(purchase.lines.select_related("sku"), pk=pk)
    form = ReceiveForm(request.POST, location=purchase.location, sku=line.sku, user=request.user, prefix=str(pk))
    if not form.is_valid():
        return render(request, "inventory/purchases/show.html", _context(request, purchase, {pk: form}), status=422)
    said = form.cleaned_data
    bin = purchase.location.bins.filter(pk=said["bin"]).first() if said["bin"] else None
    try:
        purchasing.receive(
            line,
            said["quantity"],
            damaged=said["damaged"] or 0,
            bin=bin,
            lot=said.get("lot", ""),
            expires_on=said.get("expires_on"),
            serial_codes=said.get("serials", "").split(),
            anyway=said.get("anyway", ""),
            by=request.user,
        )
    except Refused as e:
        return htmx.refused(request, e, redirect_to=purchase.get_absolute_url())
    return htmx.done(request, purchase, toast=f"{said['quantity']} × {line.sku.code} received.")


def at_noon(day: date, location: Location) -> datetime:
    """A day on the calendar of the place, as a moment."""
    return timezone.make_aware(datetime.combine(day, time(12)), location.zone)


def _context(
    request: HttpRequest,
    purchase: PurchaseOrder,
    forms: dict[int, ReceiveForm] | None = None,
    postpone: PostponeForm | None = None,
    scan: Scan | None = None,
) -> dict[str, Any]:
    lines = list(purchase.lines.select_related("sku").order_by("sku__code"))
    for line in lines:
        line.is_scanned = bool(scan) and scan.sku == line.sku
        line.form = (forms or {}).get(line.pk) or _receive_form(
            request, purchase, line, scan if line.is_scanned else None
        )
    return {
        "purchase": purchase,
        "lines": lines,
        "receivable": purchase.state in PURCHASES_DUE and not purchase.ships_to_id,
        "straight": purchase.state in PURCHASES_DUE and purchase.ships_to_id,
        "overdue": purchase.is_unanswered,
        "their_link": links.token(purchase),
        "postpone": postpone or PostponeForm(initial={"expected_on": purchase.expected_at}),
        "late": purchase.state in PURCHASES_DUE and purchase.expected_at < timezone.now(),
        "over": any(line.received > line.ordered for line in lines),
    }


def _receive_form(request: HttpRequest, purchase: PurchaseOrder, line: PurchaseLine, scan: Scan | None) -> ReceiveForm:
    """What is due; or what the scanned barcode tells of it."""
    said = {"quantity": line.due or None}
    if scan:
        told = {"quantity": scan.quantity, "lot": scan.lot, "expires_on": scan.expires_on, "serials": scan.serial}
        said |= {name: value for name, value in told.items() if value and (name != "quantity" or value > 1)}
    facts = {"location": purchase.location, "sku": line.sku, "user": request.user}
    return ReceiveForm(**facts, prefix=str(line.pk), initial=said)


def _scanned(code: str) -> tuple[Scan | None, str]:
    """(what was scanned, what is wrong with it)."""
    if not code.strip():
        return None, ""
    try:
        found = skus.read(code)
    except Refused as e:
        return None, str(e)
    return found, "" if found else f"“{code.strip()[:40]}” is not known. Put it aside and tell a lead."


def _act(request: HttpRequest, number: str, verb: Callable[..., PurchaseOrder], toast: str) -> HttpResponse:
    purchase = _found(request, number)

    def done() -> str:
        verb(purchase, by=request.user)
        return toast.format(purchase)

    return htmx.act(request, purchase.get_absolute_url(), done)


def _found(request: HttpRequest, number: str) -> PurchaseOrder:
    visible = PurchaseOrder.objects.visible_to(request.user).select_related("supplier", "location", "ships_to")
    return get_object_or_404(visible, number=number)
