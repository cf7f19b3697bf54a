"""Contracts with carriers: who answers, what they sell, how to reach them."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST

from carriers import labels, providers, setup
from carriers.forms import AccountForm, ProviderForm, ServiceForm
from carriers.models import CarrierAccount, CarrierMessage, Service
from carriers.providers.base import CarrierError
from carriers.statuses import Health
from oms.common import htmx, lists
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires


def counted(user: Any) -> QuerySet:
    on = Count("services", filter=Q(services__active=True))
    return CarrierAccount.objects.visible_to(user).annotate(services_on=on)


ACCOUNTS = lists.List(
    name="carriers",
    noun="carriers",
    rows=counted,
    columns=[
        lists.Column("name", "Name", sort="name"),
        lists.Column("carrier", "Carrier", value=lambda row: title_of(row)),
        lists.Column("health", "Health", template="carriers/_health.html"),
        lists.Column("asked", "Last word", value="health_at", kind="time", sort="health_at"),
        lists.Column("services_on", "Services in use", kind="number", sort="services_on"),
        lists.Column("currency", "Bills in", kind="mono"),
        lists.Column("active", "In use", kind="bool"),
    ],
    operators=[
        lists.Choice("health", "how it answers", "failing", lookup="health", choices=Health.choices),
        lists.Is(conditions={"used": Q(active=True), "unused": Q(active=False)}),
    ],
    free=lambda text, user: Q(name__icontains=text) | Q(provider__icontains=text),
    sort="name",
    row_url=lambda row: row.get_absolute_url(),
    empty=lists.Empty(
        "No carriers yet",
        "Parcels leave with a carrier: your own price list, or one that is asked over the network.",
        "New carrier",
        reverse_lazy("carriers:new"),
        "carriers.manage",
    ),
)


@requires("carriers.view")
def index(request: HttpRequest) -> HttpResponse:
    return ACCOUNTS.respond(request, "carriers/accounts/index.html")


@requires("carriers.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "carriers/accounts/show.html", _context(request, _found(request, pk)))


@requires("carriers.manage")
@once
def create(request: HttpRequest) -> HttpResponse:
    """First which carrier, then what it asks for."""
    chosen = request.GET.get("provider", "")
    if chosen not in providers.names():
        return render(request, "carriers/accounts/choose.html", {"form": ProviderForm()})
    return _edit(request, CarrierAccount(provider=chosen))


@requires("carriers.manage")
@once
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, _found(request, pk))


@requires("carriers.manage")
@require_POST
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Test the connection, take in new services, tell the carrier where to send news."""
    account = _found(request, pk)
    try:
        said = setup.connect(account, by=request.user)
    except CarrierError as e:
        return htmx.refused(request, Refused(f"{account}: {e}"), redirect_to=account.get_absolute_url())
    return htmx.done(request, account, toast=said)


@requires("carriers.manage")
@once
def service(request: HttpRequest, pk: int, service_pk: int | None = None) -> HttpResponse:
    account = _found(request, pk)
    row = get_object_or_404(account.services, pk=service_pk) if service_pk else Service(account=account)
    form = ServiceForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        setup.save_service(form.instance, by=request.user)
        return htmx.done(request, account, toast=f"{form.instance} saved.")
    context = {"account": account, "form": form, "service": row}
    return render(request, "carriers/accounts/service.html", context, status=422 if form.errors else 200)


@requires("carriers.manage")
@require_POST
@once
def switch(request: HttpRequest, pk: int, service_pk: int) -> HttpResponse:
    """A service on or off."""
    account = _found(request, pk)
    row = get_object_or_404(account.services, pk=service_pk)
    row.active = not row.active
    setup.save_service(row, by=request.user)
    return htmx.done(request, account, toast=f"{row} is {'on' if row.active else 'off'}.")


def title_of(account: CarrierAccount) -> str:
    try:
        return providers.get(account.provider).title
    except CarrierError:
        return account.provider


def _edit(request: HttpRequest, account: CarrierAccount) -> HttpResponse:
    form = AccountForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        new = account.pk is None
        setup.save_account(form.instance, config=form.config, secrets_given=form.secrets, by=request.user)
        hint = " Test the connection next." if new and not form.provider.is_local else ""
        return htmx.done(request, account, toast=f"{account} saved.{hint}")
    context = {"account": account, "form": form, "title": form.provider.title}
    return render(request, "carriers/accounts/edit.html", context, status=422 if form.errors else 200)


def _context(request: HttpRequest, account: CarrierAccount) -> dict[str, Any]:
    kind = providers.get(account.provider) if account.provider in providers.names() else None
    return {
        "account": account,
        "title": title_of(account),
        "kind": kind,
        "services": account.services.order_by("-active", "name"),
        "labels": account.labels.order_by("-created_at", "-pk")[:8],
        "webhook_url": setup.webhook_url(account) if kind and kind.sends_webhooks else "",
        "messages_failed": account.messages.filter(state=CarrierMessage.State.FAILED).count(),
        "spent": labels.spent_today(account),
        "rates_url": reverse("carriers:rates", args=[account.pk]) if kind and kind.has_tariff else "",
    }


def _found(request: HttpRequest, pk: int) -> CarrierAccount:
    return get_object_or_404(CarrierAccount.objects.visible_to(request.user), pk=pk)
