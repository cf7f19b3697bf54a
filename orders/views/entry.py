"""Enter an order by hand: customer and SKU search, stock and totals while typing; works without JavaScript."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from inventory import availability, skus
from inventory.models import Sku
from oms.common import htmx
from oms.common.errors import Refused
from oms.common.money import Money
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires
from orders import intake
from orders.forms.entry import EntryForm, priced, rows_in
from orders.models import Channel, Customer

FOUND_MOST = 8


@requires("orders.view", "orders.enter")
@once
def new(request: HttpRequest) -> HttpResponse:
    """The button says what is meant: place it, or go on typing (find, add, take a customer, count)."""
    if not Channel.objects.filter(kind__in=("phone", "store"), active=True).exists():
        return render(request, "orders/entry/no_channel.html")
    if request.method == "POST" and "place" in request.POST:
        return _place(request)
    said = request.POST.copy() if request.method == "POST" else QueryDict(mutable=True)
    _go_on(said)
    form = EntryForm(initial=said.dict()) if request.method == "POST" else EntryForm()
    return _page(request, form, said)


@requires("orders.view", "orders.enter")
@require_POST
def quote(request: HttpRequest) -> HttpResponse:
    """The totals of what is typed so far."""
    return render(request, "orders/entry/_quote.html", _quoted(request.POST))


@requires("orders.view", "orders.enter")
def find_skus(request: HttpRequest) -> HttpResponse:
    return render(request, "orders/entry/_skus.html", {"skus": _skus(request.GET.get("sku_search", ""))})


@requires("orders.view", "orders.enter")
def find_customers(request: HttpRequest) -> HttpResponse:
    found = _customers(request.GET.get("customer_search", ""))
    return render(request, "orders/entry/_customers.html", {"customers": found})


def _place(request: HttpRequest) -> HttpResponse:
    form, refusal = EntryForm(request.POST), None
    if form.is_valid():
        try:
            taken = intake.take(form.external(), channel=form.cleaned_data["channel"], by=request.user)
        except Refused as e:
            refusal = e
        else:
            return htmx.done(request, taken.order, toast=f"Order {taken.order} is entered.")
    return _page(request, form, request.POST, status=422, refusal=refusal)


def _go_on(said: QueryDict) -> None:
    if code := said.get("add"):
        n = next((n for n in range(rows_in(said.dict())) if not said.get(f"sku-{n}")), 0)
        said[f"sku-{n}"], said[f"units-{n}"] = code, "1"
    if (pk := whole(said.get("customer", ""), digits=9)) is not None:
        _fill_in(said, Customer.objects.filter(pk=pk).first())


def _fill_in(said: QueryDict, customer: Customer | None) -> None:
    """Who they are, and where their newest order went."""
    if customer is None:
        return
    said["customer_name"], said["email"], said["phone"] = customer.name, customer.email, customer.phone
    last = customer.orders.exclude(shipping_address=None).select_related("shipping_address").order_by("-pk").first()
    if last:
        for name, value in vars(last.shipping_address.as_dataclass()).items():
            said[f"address-{name}"] = value


def _page(
    request: HttpRequest, form: EntryForm, said: QueryDict, *, status: int = 200, refusal: Refused | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "refusal": refusal,
        "sku_search": said.get("sku_search", ""),
        "customer_search": said.get("customer_search", ""),
        "skus": _skus(said.get("sku_search", "")) if "find" in said else [],
        "customers": _customers(said.get("customer_search", "")) if "find" in said else [],
        **_quoted(said),
    }
    return render(request, "orders/entry/new.html", context, status=status)


def _quoted(said: QueryDict) -> dict[str, Any]:
    """Totals by the same arithmetic that will be stored, from a form that may be half filled."""
    form = EntryForm(said)
    form.is_valid()
    rows = getattr(form, "typed", [])
    if not rows:
        return {"quote": None, "rows": []}
    quote = form.quote()
    sums = {
        name: Money(getattr(quote, name), form.currency) for name in ("goods", "discount", "tax", "shipping", "total")
    }
    return {"quote": quote, "sums": sums, "rows": priced(rows, form.currency)}


def _skus(text: str) -> list[dict[str, Any]]:
    if not text.strip():
        return []
    found = list(Sku.objects.filter(skus.matching(text.strip()), active=True).distinct().order_by("code")[:FOUND_MOST])
    there = availability.ats([sku.pk for sku in found])
    return [{"sku": sku, "available": None if sku.digital else there[sku.pk]} for sku in found]


def _customers(text: str) -> list[Customer]:
    text = text.strip()
    if len(text) < 2:
        return []
    named = Q(name__icontains=text) | Q(email__icontains=text) | Q(phone__icontains=text)
    return list(Customer.objects.filter(named).annotate(placed=Count("orders")).order_by("name", "pk")[:FOUND_MOST])
