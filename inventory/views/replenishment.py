"""What should be bought again, ticked into draft purchases; and the rules that ask for it."""

from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST

from inventory import replenishment
from inventory.forms import MOST_UNITS
from inventory.forms.replenishment import RuleForm
from inventory.models import Location, ReorderRule
from oms.common import htmx, lists
from oms.common.errors import Invalid
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires


def mine(user: Any) -> QuerySet:
    rows = ReorderRule.objects.select_related("sku", "location", "supplier")
    return rows if user.all_locations else rows.filter(location__in=Location.objects.visible_to(user))


RULES = lists.List(
    name="reorder-rules",
    noun="rules",
    rows=mine,
    columns=[
        lists.Column("sku", "SKU", value="sku.code", kind="mono", sort="sku__code"),
        lists.Column("location", "For", value="location.name", sort="location__name"),
        lists.Column("supplier", "Supplier", value="supplier.name", sort="supplier__name"),
        lists.Column("point", "Buy at", kind="number", sort="point"),
        lists.Column("target", "Up to", kind="number", sort="target"),
        lists.Column("multiple", "In multiples of", kind="number", extra=True),
        lists.Column("minimum", "At least", kind="number", extra=True),
        lists.Column("days", "Days", kind="number"),
        lists.Column("active", "In use", kind="bool"),
    ],
    operators=[
        lists.Text("sku", "of a SKU", "MUG", lookups=["sku__code__iexact"]),
        lists.Text("location", "for a place", "BER", lookups=["location__code__iexact"]),
        lists.Is(conditions={"used": Q(active=True), "unused": Q(active=False)}),
    ],
    free=lambda text, user: Q(sku__code__icontains=text) | Q(supplier__name__icontains=text),
    sort="sku",
    row_url=lambda row: reverse("inventory:reorder-rule", args=[row.pk]),
    empty=lists.Empty(
        "No rules yet",
        "Say for a SKU at a place when to buy again, up to how many, and from whom.",
        "New rule",
        reverse_lazy("inventory:reorder-rule-new"),
        "inventory.manage",
    ),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "inventory/replenishment/index.html", _context(request))


@requires("inventory.manage")
@require_POST
@once
def draft(request: HttpRequest) -> HttpResponse:
    """Ticked rows with their units become drafts, one a supplier and place."""

    def done() -> str:
        drafts = replenishment.draft(_ticked(request), by=request.user)
        numbers = ", ".join(purchase.number for purchase in drafts)
        return f"{numbers}: drafted. Place {'it' if len(drafts) == 1 else 'them'} when right."

    return htmx.act(request, reverse("inventory:replenishment"), done, onward=reverse("inventory:purchases") + DRAFTS)


DRAFTS = "?q=state%3Adraft"


@requires("inventory.view")
def rules(request: HttpRequest) -> HttpResponse:
    return RULES.respond(request, "inventory/replenishment/rules.html")


@requires("inventory.manage")
@once
def create(request: HttpRequest) -> HttpResponse:
    return _edit(request, ReorderRule())


@requires("inventory.manage")
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(mine(request.user), pk=pk))


@requires("inventory.manage")
@require_POST
@once
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(mine(request.user), pk=pk)
    replenishment.remove_rule(rule, by=request.user)
    return htmx.done(request, "inventory:reorder-rules", toast="The rule is gone.")


def _edit(request: HttpRequest, rule: ReorderRule) -> HttpResponse:
    given = {name: request.GET.get(name, "") for name in ("sku", "location")}
    form = RuleForm(request.POST or None, instance=rule, user=request.user, initial={} if rule.pk else given)
    if request.method == "POST" and form.is_valid():
        saved = replenishment.save_rule(form.instance, by=request.user)
        return htmx.done(request, "inventory:reorder-rules", toast=f"{saved.sku} is bought again for {saved.location}.")
    status = 422 if form.errors else 200
    return render(request, "inventory/replenishment/rule.html", {"form": form, "rule": rule}, status=status)


def _ticked(request: HttpRequest) -> dict[ReorderRule, int]:
    ids = [pk for text in request.POST.getlist("ids") if (pk := whole(text, digits=9)) is not None]
    wants = {}
    for rule in mine(request.user).filter(pk__in=ids):
        units = whole(request.POST.get(f"units-{rule.pk}", "").strip(), digits=8)
        if units is None or not 0 < units <= MOST_UNITS:
            raise Invalid(f"{rule.sku}: say how many to buy, 1 or more.")
        wants[rule] = units
    return wants


def _context(request: HttpRequest) -> dict[str, Any]:
    found = replenishment.suggestions(mine(request.user))
    groups = groupby(found, key=lambda one: (one.rule.supplier, one.rule.location))
    return {
        "groups": [(supplier, location, list(rows)) for (supplier, location), rows in groups],
        "count": len(found),
        "rules": mine(request.user).exists(),
    }
