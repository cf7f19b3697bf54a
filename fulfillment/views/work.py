"""All fulfilment orders as a list, and one of them with what may be done about it."""

from collections.abc import Callable
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fulfillment import interception, parts, sourcing, waves
from fulfillment.models import FulfillmentOrder, FulfillmentOrderLine, Intercept, PickList
from fulfillment.statuses import LIVE_STATES, ON_THE_FLOOR, FulfillmentOrderState
from inventory.models import Location
from oms.common import htmx, lists
from oms.common.numbering import PREFIXES
from oms.common.once import once
from oms.common.permissions import requires, requires_any
from orders import searching


def counted(user: Any) -> QuerySet:
    rows = FulfillmentOrder.objects.visible_to(user).select_related("order", "location")
    lines = FulfillmentOrderLine.objects.filter(fulfillment_order=OuterRef("pk")).order_by().values("fulfillment_order")
    return rows.annotate(units=Coalesce(lines.annotate(units=Sum("quantity")).values("units"), 0))


WORKS = lists.List(
    name="fulfillment",
    noun="fulfilment orders",
    rows=counted,
    columns=[
        lists.Column("number", "Number", kind="mono", sort="number"),
        lists.Column("order", "Order", value="order.number", kind="mono"),
        lists.Column("customer", "Customer", value="order.customer_name"),
        lists.Column("location", "Location", value="location.name"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("units", "Units", kind="number"),
        lists.Column("ship_by", "Ship by", kind="time", sort="ship_by"),
        lists.Column("method", "Method", value=lambda row: row.get_method_display()),
    ],
    operators=[
        lists.Choice("state", "where it stands", "open", lookup="state", choices=FulfillmentOrderState.choices),
        lists.Is(
            conditions={
                "late": Q(state__in=LIVE_STATES, ship_by__lt=Now()),
                "floor": Q(state__in=ON_THE_FLOOR),
                "live": Q(state__in=LIVE_STATES),
            }
        ),
        lists.Text("location", "at a place", "BER", lookups=["location__code__iexact"]),
        lists.Text("sku", "contains a SKU", "MUG", lookups=["lines__sku__code__iexact"]),
        lists.Date("ship", "to leave by", "today", lookup="ship_by"),
    ],
    free=lambda text, user: _named(text),
    free_at_once=True,
    views=[
        lists.View("To release", "state:open", counted=True),
        lists.View("On the floor", "is:floor", counted=True),
        lists.View("Late", "is:late", counted=True),
        lists.View("All"),
    ],
    sort="ship_by",
    row_url=lambda row: reverse("fulfillment:show", args=[row.number]),
    empty=lists.Empty("No work yet", "Confirmed orders are given to a place here, by themselves."),
)


def _named(text: str) -> Q:
    """Its own number, with or without the letters, or what its order is found by: few orders are looked up first."""
    found = searching.some(text)
    if found is None:
        return Q(*(Q(order__search__text__contains=word) for word in text.lower().split()))
    return Q(number__iexact=text) | Q(number__iexact=f"{PREFIXES['fulfillment']}{text}") | Q(order__in=found)


@requires("fulfillment.view")
def index(request: HttpRequest) -> HttpResponse:
    return WORKS.respond(request, "fulfillment/work/index.html")


@requires("fulfillment.view")
def show(request: HttpRequest, number: str) -> HttpResponse:
    work = _found(request, number)
    context = {
        "work": work,
        "lines": work.lines.select_related("sku").order_by("pk"),
        "intercepts": [(one, interception.suggest_bin(one)) for one in interception.open_for(work)],
        "places": Location.objects.active().filter(ships=True).exclude(pk=work.location_id).order_by("name"),
        "lists": PickList.objects.filter(tasks__fulfillment_line__fulfillment_order=work)
        .distinct()
        .select_related("picker")
        .order_by("pk"),
        "shipments": work.shipments.order_by("pk"),
        "movable": work.state in sourcing.MOVABLE and work.location_id,
        "coming": parts.coming_to([work]).get(work.pk, "") if work.state == FulfillmentOrderState.OPEN else "",
    }
    return render(request, "fulfillment/work/show.html", context)


@requires("fulfillment.release")
@require_POST
@once
def release(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, lambda work: waves.release(work.location, ids=[work.pk], by=request.user), "Released.")


@requires("fulfillment.release")
@require_POST
@once
def recall(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, lambda work: waves.recall(work, by=request.user), "Taken back from the floor.")


@requires("fulfillment.route")
@require_POST
@once
def reroute(request: HttpRequest, number: str) -> HttpResponse:
    def verb(work: FulfillmentOrder) -> None:
        place = Location.objects.active().filter(code=request.POST.get("location", "")).first()
        sourcing.reroute(work, to_location=place, by=request.user)

    return _act(request, number, verb, "Sent to another place.", back=reverse("fulfillment:index"))


@requires("fulfillment.route")
@require_POST
@once
def reject(request: HttpRequest, number: str) -> HttpResponse:
    reason = request.POST.get("reason", "").strip()[:60] or "this place can't do it"
    return _act(
        request,
        number,
        lambda work: sourcing.reject(work, reason=reason, by=request.user),
        "Rejected; another place is looked for.",
        back=reverse("fulfillment:index"),
    )


@requires_any("fulfillment.pick", "fulfillment.pack")
@require_POST
@once
def answer(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Units that should stay: put back, or too late."""
    work = _found(request, number)
    asked = get_object_or_404(Intercept, pk=pk, fulfillment_line__fulfillment_order=work)
    if request.POST.get("answer") == "too_late":
        return _act(request, number, lambda _: interception.too_late(asked, by=request.user), "Noted: too late.")
    bin = interception.suggest_bin(asked)
    return _act(request, number, lambda _: interception.honour(asked, bin=bin, by=request.user), f"Back in {bin}.")


def _act(
    request: HttpRequest, number: str, verb: Callable[[FulfillmentOrder], Any], toast: str, *, back: str = ""
) -> HttpResponse:
    work = _found(request, number)

    def done() -> str:
        verb(work)
        return toast

    return htmx.act(request, reverse("fulfillment:show", args=[work.number]), done, onward=back)


def _found(request: HttpRequest, number: str) -> FulfillmentOrder:
    rows = FulfillmentOrder.objects.visible_to(request.user).select_related("order", "location", "decision")
    return get_object_or_404(rows, number=number)
