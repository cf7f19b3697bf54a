"""Whom we buy from, and what they sell."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST

from inventory import replenishment
from inventory.forms.replenishment import ItemForm, SupplierForm
from inventory.models import Supplier
from oms.common import audit, htmx, lists
from oms.common.once import once
from oms.common.permissions import requires

FACTS = ("name", "email", "lead_days", "location", "answer_days", "active")


def counted(user: Any) -> QuerySet:
    return Supplier.objects.annotate(skus=Count("items"))


SUPPLIERS = lists.List(
    name="suppliers",
    noun="suppliers",
    rows=counted,
    columns=[
        lists.Column("name", "Name", sort="name"),
        lists.Column("email", "E-mail"),
        lists.Column("lead_days", "Days until it comes", kind="number", sort="lead_days"),
        lists.Column("skus", "SKUs", kind="number"),
        lists.Column("active", "In use", kind="bool"),
    ],
    operators=[lists.Text("sku", "sells a SKU", "MUG", lookups=["items__sku__code__iexact"])],
    free=lambda text, user: Q(name__icontains=text) | Q(email__icontains=text),
    sort="name",
    row_url=lambda row: reverse("inventory:supplier", args=[row.pk]),
    empty=lists.Empty(
        "No suppliers yet",
        "Write down whom you buy from, what they call your SKUs and how they pack them.",
        "New supplier",
        reverse_lazy("inventory:supplier-new"),
        "inventory.manage",
    ),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return SUPPLIERS.respond(request, "inventory/suppliers/index.html")


@requires("inventory.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Supplier, pk=pk), ItemForm())


@requires("inventory.manage")
@once
def create(request: HttpRequest) -> HttpResponse:
    return _edit(request, Supplier())


@requires("inventory.manage")
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(Supplier, pk=pk))


@requires("inventory.manage")
@require_POST
@once
def sells(request: HttpRequest, pk: int) -> HttpResponse:
    """A SKU with their code, cost and packs; the same SKU again changes it."""
    supplier = get_object_or_404(Supplier, pk=pk)
    form = ItemForm(request.POST)
    form.instance.supplier = supplier
    if not form.is_valid():
        return _page(request, supplier, form, status=422)
    item = replenishment.save_item(form.instance, by=request.user)
    return htmx.done(request, _url(supplier), toast=f"{item.sku}: saved.")


def _edit(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    before = audit.facts(supplier, *FACTS) if supplier.pk else {}
    form = SupplierForm(request.POST or None, instance=supplier)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        audit.record_change(f"supplier:{saved}", before, audit.facts(saved, *FACTS), by=request.user)
        return htmx.done(request, _url(saved), toast=f"{saved} saved.")
    context = {"form": form, "supplier": supplier}
    return render(request, "inventory/suppliers/edit.html", context, status=422 if form.errors else 200)


def _page(request: HttpRequest, supplier: Supplier, form: ItemForm, *, status: int = 200) -> HttpResponse:
    items = supplier.items.select_related("sku").order_by("sku__code")
    context = {"supplier": supplier, "items": items, "form": form}
    return render(request, "inventory/suppliers/show.html", context, status=status)


def _url(supplier: Supplier) -> str:
    return reverse("inventory:supplier", args=[supplier.pk])
