"""The rate tables of an account: zones, grids of prices, surcharges, and what a parcel would cost."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from carriers import rating, setup, tariffs
from carriers.forms import RatesFileForm, RatesForm, SurchargeForm, TryForm, ZoneForm
from carriers.forms.tariffs import csv_rows, first_day
from carriers.models import CarrierAccount, RateTable, Service, Surcharge, Zone
from oms.common import exports, htmx
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires


@requires("carriers.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """All of an account's prices on one page; `?service=` and `?from=` choose the table."""
    return render(request, "carriers/tariffs/show.html", _context(request, _found(request, pk)))


@requires("carriers.manage")
@require_POST
@once
def save(request: HttpRequest, pk: int, service_pk: int) -> HttpResponse:
    account = _found(request, pk)
    service = get_object_or_404(account.services, pk=service_pk)
    form = RatesForm(request.POST, service=service, table=_table(request, service))
    if not form.is_valid():
        context = _context(request, account, service=service, grid=form)
        return render(request, "carriers/tariffs/show.html", context, status=422)
    return _saved(request, service, form)


@requires("carriers.manage")
@require_POST
@once
def upload(request: HttpRequest, pk: int, service_pk: int) -> HttpResponse:
    account = _found(request, pk)
    service = get_object_or_404(account.services, pk=service_pk)
    form = RatesFileForm(request.POST, request.FILES, service=service)
    if not form.is_valid():
        context = _context(request, account, service=service, file=form)
        return render(request, "carriers/tariffs/show.html", context, status=422)
    return _saved(request, service, form)


@requires("carriers.view")
def download(request: HttpRequest, pk: int, service_pk: int) -> HttpResponse:
    account = _found(request, pk)
    service = get_object_or_404(account.services, pk=service_pk)
    zones = list(Zone.objects.filter(account=account).order_by("name"))
    name = f"rates-{service.code}.csv"
    header = ["up to kg", *(zone.name for zone in zones)]
    return exports.stream_csv(name, header, csv_rows(_table(request, service), zones))


@requires("carriers.manage")
@once
def zone(request: HttpRequest, pk: int, zone_pk: int | None = None) -> HttpResponse:
    account = _found(request, pk)
    row = get_object_or_404(account.zones, pk=zone_pk) if zone_pk else Zone(account=account)
    form = ZoneForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        setup.save_zone(form.instance, by=request.user)
        return htmx.done(request, _url(account), toast=f"Zone {form.instance} saved.")
    context = {"account": account, "form": form, "zone": row}
    return render(request, "carriers/tariffs/zone.html", context, status=422 if form.errors else 200)


@requires("carriers.manage")
@require_POST
@once
def remove_zone(request: HttpRequest, pk: int, zone_pk: int) -> HttpResponse:
    account = _found(request, pk)
    row = get_object_or_404(account.zones, pk=zone_pk)
    try:
        setup.remove_zone(row, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=_url(account))
    return htmx.done(request, _url(account), toast=f"Zone {row.name} is gone.")


@requires("carriers.manage")
@once
def surcharge(request: HttpRequest, pk: int, surcharge_pk: int | None = None) -> HttpResponse:
    account = _found(request, pk)
    row = get_object_or_404(account.surcharges, pk=surcharge_pk) if surcharge_pk else Surcharge(account=account)
    form = SurchargeForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        setup.save_surcharge(form.instance, by=request.user)
        return htmx.done(request, _url(account), toast=f"{form.instance} saved.")
    context = {"account": account, "form": form, "surcharge": row}
    return render(request, "carriers/tariffs/surcharge.html", context, status=422 if form.errors else 200)


@requires("carriers.view")
def try_rate(request: HttpRequest) -> HttpResponse:
    """What every carrier would ask for a parcel. Nothing is bought."""
    asked = "weight_kg" in request.GET
    form = TryForm(request.GET if asked else None)
    rates = None
    if asked and form.is_valid():
        rates = rating.offers(form.request(request.GET.get("currency") or "EUR"), deadline=2.0)
    context = {"form": form, "rates": rates}
    return htmx.render_page_or_part(
        request, "carriers/try.html", "carriers/_offers.html", context, status=422 if form.errors else 200
    )


def _saved(request: HttpRequest, service: Service, form: Any) -> HttpResponse:
    table = setup.save_rates(service, form.cleaned_data["valid_from"], form.cells, by=request.user)
    url = f"{_url(service.account)}?service={service.pk}&from={table.valid_from:%Y-%m-%d}"
    return htmx.done(request, url, toast=f"{len(form.cells)} prices of {service} saved.")


def _context(
    request: HttpRequest,
    account: CarrierAccount,
    *,
    service: Service | None = None,
    grid: RatesForm | None = None,
    file: RatesFileForm | None = None,
) -> dict[str, Any]:
    services = list(account.services.order_by("-active", "name"))
    wanted = request.GET.get("service", "")
    service = service or next((s for s in services if str(s.pk) == wanted), services[0] if services else None)
    table = _table(request, service) if service else None
    return {
        "account": account,
        "services": services,
        "service": service,
        "table": table,
        "tables": list(service.tables.order_by("-valid_from")) if service else [],
        "in_force": tariffs.table_in_force(service) if service else None,
        "zones": list(account.zones.order_by("name")),
        "surcharges": list(account.surcharges.select_related("service").order_by("name", "pk")),
        "grid": grid or (RatesForm(service=service, table=table) if service else None),
        "file": file or (RatesFileForm(service=service) if service else None),
    }


def _table(request: HttpRequest, service: Service) -> RateTable | None:
    day = first_day(request.GET.get("from"))
    chosen = service.tables.filter(valid_from=day).first() if day else None
    return chosen or tariffs.table_in_force(service) or service.tables.order_by("valid_from").first()


def _url(account: CarrierAccount) -> str:
    return reverse("carriers:rates", args=[account.pk])


def _found(request: HttpRequest, pk: int) -> CarrierAccount:
    return get_object_or_404(CarrierAccount.objects.visible_to(request.user), pk=pk)
