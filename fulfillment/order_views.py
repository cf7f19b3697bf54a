"""Changing an order while work on it may have begun: amend, cancel, reroute. Each shows what it would do first."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fulfillment import amendments, cancellation, sourcing, undoing
from fulfillment.amendments.changes import wishes
from fulfillment.models import FulfillmentOrder
from fulfillment.order_forms import AmendForm, CancelForm, RerouteForm
from oms.common import htmx
from oms.common.errors import Invalid, Refused
from oms.common.once import once
from oms.common.permissions import requires
from orders.models import ImportRun, Order, OrderChange
from orders.statuses import ChangeState
from orders.views.dialogs import ask, found


@requires("orders.view", "orders.amend")
@once
def amend(request: HttpRequest, number: str) -> HttpResponse:
    """GET shows the form, POST what it would do. Nothing is changed before `confirm`."""
    order = found(request, number)
    lines = list(order.lines.order_by("position"))
    form = AmendForm(request.POST or None, order=order, lines=lines)
    change, seen, refusal = _opened(order), None, None
    if request.method == "POST":
        if form.is_valid():
            try:
                change = _put_together(order, form, request.POST.get("version", ""), by=request.user)
                seen = amendments.preview(order, wishes(change))
            except Refused as e:
                refusal = e
    elif change:
        form.show(change)
        try:
            seen = amendments.preview(order, wishes(change))
        except Refused as e:
            refusal = e
    bad = request.method == "POST" and seen is None
    context = {"order": order, "form": form, "change": change, "seen": seen, "refusal": refusal}
    return render(request, "fulfillment/order/amend.html", context, status=422 if bad else 200)


@requires("orders.view", "orders.amend")
@require_POST
@once
def confirm(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = found(request, number)
    change = get_object_or_404(OrderChange, order=order, pk=pk)
    try:
        amendments.confirm(change, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=request.path.rpartition("confirm/")[0])
    return htmx.done(request, order, toast=f"{order} is changed.")


@requires("orders.view", "orders.amend")
@require_POST
@once
def abandon(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = found(request, number)
    amendments.abandon(get_object_or_404(OrderChange, order=order, pk=pk), by=request.user)
    return htmx.done(request, order, toast="The change is forgotten; the order is as it was.")


@requires("orders.view", "orders.cancel")
@once
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Whole or in part: first the steps it takes, then, with `sure`, the deed."""
    order = found(request, number)
    lines = [line for line in order.lines.order_by("position") if line.open]
    can = cancellation.cancellable(order)
    form = CancelForm(request.POST or None, lines=lines, can=can)
    steps, refusal, quantities = [], None, None
    if request.method == "POST" and form.is_valid():
        quantities = form.quantities
    try:
        if quantities is not None and request.POST.get("sure"):
            done = cancellation.cancel(
                order, quantities=quantities, reason=form.cleaned_data["reason"], by=request.user
            )
            return htmx.done(request, order, toast=_cancelled(done))
        if quantities is not None or request.method == "GET":
            steps = cancellation.preview(order, quantities=quantities)
    except Refused as e:
        refusal = e
    bad = request.method == "POST" and (refusal or form.errors)
    context = {"order": order, "form": form, "steps": steps, "refusal": refusal, "asked": quantities is not None}
    return render(request, "fulfillment/order/cancel.html", context, status=422 if bad else 200)


@requires("orders.view", "fulfillment.route")
@once
def reroute(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = found(request, number)
    work = get_object_or_404(
        FulfillmentOrder.objects.visible_to(request.user).exclude(location=None).select_related("location"),
        order=order,
        pk=pk,
    )

    def verb(said: dict[str, Any]) -> str:
        committed = sourcing.reroute(work, said["location"], by=request.user)
        places = ", ".join(str(one.location) for one in committed.fulfillment_orders)
        return f"{work} moved to {places}."

    form = RerouteForm(request.POST or None, away_from=work.location_id)
    return ask(
        request, order, form, title=f"Reroute {work}", submit="Move it", verb=verb, text=f"Now at {work.location}."
    )


@requires("orders.import", "orders.cancel")
@require_POST
@once
def undo_import(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(ImportRun.objects.defer("source"), pk=pk)
    page = reverse("orders:import", args=[run.pk])
    try:
        told = undoing.undo(run, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, redirect_to=page)
    kept = f" {len(told.kept)} stay: {told.kept[0]}" if told.kept else ""
    return htmx.done(request, page, toast=f"{told.cancelled} cancelled.{kept}")


def _opened(order: Order) -> OrderChange | None:
    return OrderChange.objects.filter(order=order, state=ChangeState.EDITING).first()


@transaction.atomic
def _put_together(order: Order, form: AmendForm, version: str, *, by: Any) -> OrderChange:
    """The change set as the form says it, whatever an open one wished before."""
    if version != str(order.version):
        raise Refused("The order has changed since this page was opened. Open it again and look.")
    wanted = form.wishes()
    if not wanted:
        raise Invalid("Nothing is different from how the order is.")
    change = amendments.begin(order, by=by)
    if change.base_version != order.version:
        amendments.abandon(change, by=by)
        change = amendments.begin(order, by=by)
    change.actions.all().delete()
    for kind, payload, line in wanted:
        amendments.put(change, kind, payload, line=line, by=by)
    return change


def _cancelled(done: cancellation.Cancelled) -> str:
    now, back = sum(done.units.values()), sum(row.quantity for row in done.intercepts)
    told = f"{now} unit{'s' if now != 1 else ''} cancelled."
    return f"{told} The floor is asked to put {back} back." if back else told
