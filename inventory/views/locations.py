"""Places and their bins, and who works where."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST

from inventory import counting, locations
from inventory.forms.locations import BinForm, LocationForm, ShelvesForm, StaffForm
from inventory.models import Location
from inventory.statuses import LocationKind
from inventory.stock import room
from oms.common import htmx, lists
from oms.common.once import once
from oms.common.permissions import requires


def counted(user: Any) -> QuerySet:
    return Location.objects.visible_to(user).annotate(units=Coalesce(Sum("levels__on_hand"), 0))


LOCATIONS = lists.List(
    name="locations",
    noun="locations",
    rows=counted,
    columns=[
        lists.Column("name", "Name", sort="name"),
        lists.Column("code", "Code", kind="mono", sort="code"),
        lists.Column("kind", "Kind", value=lambda row: row.get_kind_display()),
        lists.Column("units", "Units on hand", kind="number", sort="units"),
        lists.Column("cut_off", "Cut-off", value=lambda row: f"{row.cut_off:%H:%M} {row.time_zone}"),
        lists.Column("ships", "Ships", kind="bool"),
        lists.Column("collects", "Collect", kind="bool"),
        lists.Column("active", "Open", kind="bool"),
    ],
    operators=[
        lists.Choice("kind", "what it is", "store", lookup="kind", choices=LocationKind.choices),
        lists.Is(conditions={"open": Q(active=True), "closed": Q(active=False)}),
    ],
    free=lambda text, user: Q(name__icontains=text) | Q(code__icontains=text),
    sort="name",
    row_url=lambda row: reverse("inventory:location", args=[row.code]),
    empty=lists.Empty(
        "No locations yet",
        "Stock lies somewhere: a warehouse, or a store that ships or hands out orders.",
        "New location",
        reverse_lazy("inventory:location-new"),
        "inventory.manage",
    ),
)


@requires("inventory.view")
def index(request: HttpRequest) -> HttpResponse:
    return LOCATIONS.respond(request, "inventory/locations/index.html")


@requires("inventory.view")
def show(request: HttpRequest, code: str) -> HttpResponse:
    location = _found(request, code)
    return render(request, "inventory/locations/show.html", _shown(location, ShelvesForm()))


@requires("inventory.manage")
@once
def create(request: HttpRequest) -> HttpResponse:
    form = LocationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in FACTS}
        location = locations.create(
            form.cleaned_data["code"], form.cleaned_data["name"], form.postal, by=request.user, **facts
        )
        return htmx.done(request, _url(location), toast=f"{location} is open. Lay out its shelves next.")
    return render(request, "inventory/locations/edit.html", {"form": form}, status=422 if form.errors else 200)


FACTS = ("kind", "time_zone", "cut_off", "capacity", "priority", "ships", "collects", "active")
FACTS += ("recount_units", "recount_percent", "recount_value")


@requires("inventory.manage")
@once
def edit(request: HttpRequest, code: str) -> HttpResponse:
    location = _found(request, code)
    form = LocationForm(request.POST or None, instance=location)
    if request.method == "POST" and form.is_valid():
        locations.change(form.instance, form.postal, by=request.user)
        return htmx.done(request, _url(location), toast=f"{location} saved.")
    context = {"form": form, "location": location}
    return render(request, "inventory/locations/edit.html", context, status=422 if form.errors else 200)


@requires("inventory.manage")
@require_POST
@once
def add_shelves(request: HttpRequest, code: str) -> HttpResponse:
    location = _found(request, code)
    form = ShelvesForm(request.POST)
    if not form.is_valid():
        return render(request, "inventory/locations/show.html", _shown(location, form), status=422)
    said = form.cleaned_data
    facts = {name: said[name] for name in ("zone", "capacity", "litres")}
    made = locations.add_shelves(location, said["codes"], **facts, by=request.user)
    return htmx.done(request, _url(location), toast=f"{len(made)} shelves added.")


@requires("inventory.manage")
@once
def edit_bin(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    location = _found(request, code)
    form = BinForm(request.POST or None, instance=get_object_or_404(location.bins, pk=pk))
    if request.method == "POST" and form.is_valid():
        locations.change_bin(form.instance, by=request.user)
        return htmx.done(request, _url(location), toast=f"{form.instance} saved.")
    template = "inventory/locations/_bin.html" if htmx.wants_part(request) else "inventory/locations/bin.html"
    context = {"form": form, "location": location, "bin": form.instance}
    return render(request, template, context, status=422 if form.errors else 200)


@requires("inventory.manage", "accounts.manage")
@require_POST
@once
def set_staff(request: HttpRequest, code: str) -> HttpResponse:
    location = _found(request, code)
    form = _staff_form(location, request.POST)
    if form.is_valid():
        locations.set_staff(location, [int(pk) for pk in form.cleaned_data["staff"]], by=request.user)
    return htmx.done(request, _url(location), toast="Saved who works here.")


def _shown(location: Location, shelves: ShelvesForm) -> dict[str, Any]:
    bins = room.of(location.bins.order_by("kind", "pick_sequence", "code"))
    counts = counting.under_way(bins)
    rows = [(one.bin, one, counts.get(pk)) for pk, one in bins.items()]
    return {"location": location, "bins": rows, "shelves": shelves, "staff": _staff_form(location)}


def _staff_form(location: Location, data: Any = None) -> StaffForm:
    form = StaffForm(data, initial={"staff": [str(pk) for pk in location.staff.values_list("pk", flat=True)]})
    people = get_user_model().objects.filter(is_active=True, all_locations=False).order_by("name", "email")
    form.fields["staff"].choices = [(str(person.pk), str(person)) for person in people]
    return form


def _found(request: HttpRequest, code: str) -> Location:
    return get_object_or_404(Location.objects.visible_to(request.user), code__iexact=code)


def _url(location: Location) -> str:
    return reverse("inventory:location", args=[location.code])
