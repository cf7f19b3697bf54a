"""Dialogs that change the stock of one SKU: each reads a form and calls one verb."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from inventory import reservations, stock
from inventory.forms import changes as forms
from inventory.models import Location, Reservation, Sku
from oms.common import htmx
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires


@requires("inventory.adjust")
@once
def adjust(request: HttpRequest, code: str) -> HttpResponse:
    def verb(sku: Sku, said: dict[str, Any]) -> str:
        bin, lot = said["bin"]
        stock.adjust(sku.pk, bin, said["delta"], lot=lot, reason=said["reason"], by=request.user)
        return f"{sku.code}: {said['delta']:+d}."

    return _dialog(request, code, forms.AdjustForm, "Adjust", verb)


@requires("inventory.receive")
@once
def move(request: HttpRequest, code: str) -> HttpResponse:
    def verb(sku: Sku, said: dict[str, Any]) -> str:
        source, lot = said["source"]
        why = said.get("anyway", "")
        stock.move(sku.pk, source, said["target"], said["quantity"], lot=lot, anyway=why, by=request.user)
        return f"{sku.code}: {said['quantity']} moved."

    return _dialog(request, code, forms.MoveForm, "Move", verb)


@requires("inventory.adjust")
@once
def damage(request: HttpRequest, code: str) -> HttpResponse:
    def verb(sku: Sku, said: dict[str, Any]) -> str:
        bin, lot = said["bin"]
        stock.damage(sku.pk, bin, said["quantity"], lot=lot, reason=said["reason"], by=request.user)
        return f"{sku.code}: {said['quantity']} set aside."

    return _dialog(request, code, forms.DamageForm, "Set aside", verb)


@requires("inventory.adjust")
@once
def undamage(request: HttpRequest, code: str) -> HttpResponse:
    def verb(sku: Sku, said: dict[str, Any]) -> str:
        why = {"reason": said["reason"], "anyway": said.get("anyway", "")}
        stock.undamage(sku.pk, said["bin"], said["quantity"], **why, by=request.user)
        return f"{sku.code}: {said['quantity']} sellable again."

    return _dialog(request, code, forms.UndamageForm, "Back to sale", verb)


@requires("inventory.manage")
@once
def safety(request: HttpRequest, code: str) -> HttpResponse:
    def verb(sku: Sku, said: dict[str, Any]) -> str:
        stock.set_safety(sku.pk, said["location"].pk, said["units"], by=request.user)
        return f"{said['units']} units of {sku.code} are kept out of sale at {said['location']}."

    return _dialog(request, code, forms.SafetyForm, "Safety stock", verb)


@requires("inventory.adjust")
@once
def reserve(request: HttpRequest, code: str) -> HttpResponse:
    def verb(sku: Sku, said: dict[str, Any]) -> str:
        until = timezone.now() + timedelta(hours=said["hours"])
        wants = {(sku.pk, said["location"].pk): said["quantity"]}
        reservations.hold(said["holder"], wants, until=until, by=request.user)
        return f"{said['quantity']} × {sku.code} kept back for {said['holder']}."

    return _dialog(request, code, forms.ReserveForm, "Keep back", verb)


@requires("inventory.adjust")
@require_POST
@once
def unreserve(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Location.objects.visible_to(request.user)
    row = get_object_or_404(Reservation.objects.exclude(expires_at=None).filter(level__location__in=visible), pk=pk)
    reservations.drop(row.holder, by=request.user)
    return htmx.done(request, row.level.sku.get_absolute_url(), toast=f"No longer kept back for {row.holder}.")


def _dialog(
    request: HttpRequest, code: str, form_class: type, title: str, verb: Callable[[Sku, dict[str, Any]], str]
) -> HttpResponse:
    sku = get_object_or_404(Sku.objects.visible_to(request.user).filter(digital=False, is_kit=False), code__iexact=code)
    form = form_class(request.POST or None, sku=sku, user=request.user)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            toast = verb(sku, form.cleaned_data)
        except Refused as e:
            refusal = e
        else:
            return htmx.done(request, sku.get_absolute_url(), toast=toast)
    template = "inventory/skus/_change.html" if htmx.wants_part(request) else "inventory/skus/change.html"
    context = {"form": form, "sku": sku, "title": title, "refusal": refusal}
    return render(request, template, context, status=422 if refusal or form.errors else 200)
