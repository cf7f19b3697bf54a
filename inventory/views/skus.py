"""The catalogue: what there is of everything, and one SKU with all that explains its numbers."""

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy

from inventory import availability, days, explaining, holders, kits, skus
from inventory.forms.skus import SkuForm
from inventory.models import BinStock, Download, Location, PurchaseLine, Reservation, Sku, StockLevel
from inventory.statuses import PURCHASES_DUE
from inventory.views.movements import MOVEMENTS_SHOWN, movements
from oms.common import htmx, lists
from oms.common.gathering import gather
from oms.common.money import Money
from oms.common.once import once
from oms.common.permissions import requires

DUE = PurchaseLine.objects.filter(sku=OuterRef("pk"), purchase__state__in=PURCHASES_DUE, received__lt=F("ordered"))
SELLABLE = StockLevel.objects.filter(sku=OuterRef("pk"), location__active=True, available__gt=0)


def counted(user: Any) -> QuerySet:
    """SKUs with their units over all places; each sum in its own subquery, so that a page counts only its rows."""
    return Sku.objects.visible_to(user).annotate(
        on_hand=_sum("on_hand"), allocated=_sum("allocated"), available=_sum(Greatest("available", 0))
    )


def _sum(what: Any) -> Coalesce:
    levels = StockLevel.objects.filter(sku=OuterRef("pk"), location__active=True).order_by().values("sku")
    return Coalesce(levels.annotate(units=Sum(what)).values("units"), 0)


def _exact(text: str, user: Any) -> str | None:
    found = skus.scanned(text)
    return found[0].get_absolute_url() if found else None


SKUS = lists.List(
    name="skus",
    noun="SKUs",
    rows=counted,
    columns=[
        lists.Column("code", "SKU", kind="mono", sort="code"),
        lists.Column("name", "Name", sort="name"),
        lists.Column("available", "Available", kind="number", sort="available"),
        lists.Column("on_hand", "On hand", kind="number", sort="on_hand"),
        lists.Column("allocated", "Allocated", kind="number", sort="allocated"),
        lists.Column("price", "Price", value=lambda sku: Money(sku.price, sku.currency), kind="money", sort="price"),
        lists.Column("weight", "Weight, g", value="weight_g", kind="number", sort="weight_g", extra=True),
        lists.Column("active", "For sale", kind="bool", extra=True),
    ],
    operators=[
        lists.Is(
            conditions={
                "out": Q(digital=False) & ~Exists(SELLABLE),
                "short": Q(available__lt=5, digital=False),
                "digital": Q(digital=True),
                "inactive": Q(active=False),
                "due": Q(Exists(DUE)),
            }
        ),
        lists.Number("available", "units that can be promised", "<10", lookup="available"),
        lists.Text("location", "stock at a place", "BER", lookups=lambda value, user: _at(value)),
    ],
    free=lambda text, user: skus.matching(text),
    views=[
        lists.View("All"),
        lists.View("Out of stock", "is:out", counted=True),
        lists.View("Low", "is:short"),
        lists.View("On order", "is:due"),
    ],
    sort="code",
    row_url=lambda sku: sku.get_absolute_url(),
    jump=_exact,
    empty=lists.Empty(
        "No SKUs yet",
        "A SKU is one thing you sell. Orders for codes that are not here are held.",
        "New SKU",
        reverse_lazy("inventory:sku-new"),
        "inventory.manage",
    ),
)


def _at(value: str) -> Q:
    levels = StockLevel.objects.filter(sku=OuterRef("pk"), location__code__iexact=value, on_hand__gt=0)
    return Q(Exists(levels))


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return SKUS.respond(request, "inventory/index.html")


@requires("inventory.view")
def show(request: HttpRequest, code: str) -> HttpResponse:
    sku = get_object_or_404(Sku.objects.visible_to(request.user), code__iexact=code)
    about = _digital(sku) if sku.digital else _kit(sku) if sku.is_kit else _stock(request, sku)
    context = {"sku": sku, "barcodes": sku.barcodes.order_by("pk"), **about}
    return htmx.render_page_or_part(request, "inventory/skus/show.html", "inventory/skus/_stock.html", context)


def _digital(sku: Sku) -> dict[str, Any]:
    return {"download": Download.objects.filter(sku=sku).defer("content").first()}


def _kit(sku: Sku) -> dict[str, Any]:
    recipe = kits.recipes([sku.pk]).get(sku.pk)
    parts = recipe.parts if recipe else ()
    there = availability.ats([part.pk for part, _ in parts])
    shown = [{"sku": p, "units": n, "available": there[p.pk], "makes": there[p.pk] // n} for p, n in parts]
    return {
        "recipe": recipe,
        "available": availability.ats([sku.pk])[sku.pk],
        "parts": shown,
        "versions": sku.kit_versions.prefetch_related("components__sku").order_by("-number")[:VERSIONS_SHOWN],
    }


VERSIONS_SHOWN = 20


def _stock(request: HttpRequest, sku: Sku) -> dict[str, Any]:
    """Where, how many, why not, who, what moved, what comes: each a question or two, however much was sold."""
    levels = _levels(request.user, sku)
    bins = BinStock.objects.filter(sku=sku, quantity__gt=0).select_related("bin__location", "lot")
    total = explaining.totals(levels)
    history = days.history(sku.pk, total["on_hand"], total["available"])
    waiting = holders.waiting(sku.pk, request.user, most=HOLDERS_SHOWN)
    due = availability.incoming([sku.pk])
    return {
        **_kept(sku, levels),
        "levels": levels,
        "total": total,
        "causes": explaining.causes(levels, availability.buffers([sku.pk])[sku.pk]),
        "bins": bins.order_by("bin__location__name", "bin__pick_sequence", "bin__code", "lot__expires_on"),
        "holders": holders.promised(sku.pk, request.user, most=HOLDERS_SHOWN),
        "waiting": waiting.first,
        "waiting_units": waiting.units,
        "incoming": due,
        "steps": availability.steps(total["available"], waiting.units, due),
        "history": _plot(history),
        "weeks": [(f"{day:%-d %b}", units) for day, units in days.by_week(history)],
        **_ledger(request, sku, levels),
    }


def _levels(user: Any, sku: Sku) -> list[StockLevel]:
    """Of every place; `seen` where the person works."""
    mine = Q(location__in=Location.objects.visible_to(user).values("pk"))
    rows = sku.levels.select_related("location").order_by("location__name")
    return list(rows.annotate(seen=ExpressionWrapper(mine, BooleanField())))


def _kept(sku: Sku, levels: list[StockLevel]) -> dict[str, Any]:
    found = gather(
        barcodes=sku.barcodes.order_by("pk"),
        reservations=Reservation.objects.filter(level__sku=sku).order_by("created_at", "pk"),
    )
    for row in found["reservations"]:
        row.level = next(level for level in levels if level.pk == row.level_id)
    return found


def _plot(history: list[days.Day]) -> list[tuple[str, list[tuple[str, int]]]]:
    return [
        (name, [(f"{day.day:%-d %b}", max(getattr(day, field), 0)) for day in history])
        for name, field in (("On hand", "on_hand"), ("Available", "available"))
    ]


def _ledger(request: HttpRequest, sku: Sku, levels: list[StockLevel]) -> dict[str, Any]:
    """The newest rows of one counter, at one place or at all that the person may see."""
    asked = explaining.asked(sku, levels, request.GET.get("counter", ""), request.GET.get("place", ""))
    seen = {level.location_id for level in levels if level.seen}
    places = [level.location for level in levels if level.seen]
    if asked["place"]:
        seen &= {asked["place"].pk}
    rows = movements(request.user).filter(sku=sku)
    if asked["place"]:
        rows = rows.filter(location=asked["place"])
    mine = [level for level in levels if level.location_id in seen]
    entries = explaining.ledger(rows, mine, asked["counter"], MOVEMENTS_SHOWN)
    return asked | {"entries": entries, "places": places, "counters": COUNTER_WORDS}


HOLDERS_SHOWN = 8
COUNTER_WORDS = {"on_hand": "On hand", "allocated": "Allocated", "reserved": "Kept back", "damaged": "Set aside"}


@requires("inventory.manage")
@once
def create(request: HttpRequest) -> HttpResponse:
    return _edit(request, Sku())


@requires("inventory.manage")
@once
def edit(request: HttpRequest, code: str) -> HttpResponse:
    return _edit(request, get_object_or_404(Sku, code__iexact=code))


def _edit(request: HttpRequest, sku: Sku) -> HttpResponse:
    form = SkuForm(request.POST or None, request.FILES or None, instance=sku)
    if request.method == "POST" and form.is_valid():
        sku = skus.save(form.instance, form.cleaned_data["barcodes"], by=request.user)
        if file := form.cleaned_data["download"]:
            skus.set_download(sku, file.name, file.read(), by=request.user)
        return htmx.done(request, reverse("inventory:sku", args=[sku.code]), toast=f"{sku.code} saved.")
    status = 422 if form.errors else 200
    return render(request, "inventory/skus/edit.html", {"form": form, "sku": sku}, status=status)
