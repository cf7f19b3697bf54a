"""All orders: one box to search them, views of what waits, and holds for many at once."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from oms.common import htmx, lists
from oms.common.errors import Refused
from oms.common.money import Money
from oms.common.once import once
from oms.common.permissions import requires
from oms.common.templatetags.oms import badge
from orders import holds, searching
from orders.forms import BulkHoldForm, BulkReleaseForm
from orders.models import Channel, Hold, Order, OrderLine
from orders.models.order import TO_LEAVE
from orders.statuses import FulfillmentState, HoldState, HoldType, Method, OrderState, PaymentState, ReturnState

MOST_AT_ONCE = 500
TO_SHIP = (
    FulfillmentState.ALLOCATED,
    FulfillmentState.PARTIALLY_ALLOCATED,
    FulfillmentState.IN_PROGRESS,
    FulfillmentState.PARTIALLY_SHIPPED,
)
HELD = Q(hold_state=HoldState.HELD)
OPEN = Q(state__in=(OrderState.RECEIVED, OrderState.CONFIRMED))
WAITING = Q(pk__in=OrderLine.objects.filter(backordered__gt=0).values("order"))


def shown(user: Any) -> QuerySet:
    return Order.objects.visible_to(user).select_related("channel")


def _late(user: Any = None) -> Q:
    return TO_LEAVE & Q(promised_ship_by__lt=timezone.now())


def _with_sku(value: str, user: Any) -> Q:
    """By the SKU where we know the code, else by the code that the order came with.

    It is asked for first: the database chooses another way for one that sells every minute, if it knows which one.
    """
    if sku := searching.sku_called(value):
        return searching.with_sku(sku)
    return Q(pk__in=OrderLine.objects.filter(sku=None, sku_code__iexact=value).values("order"))


def _held_for(value: str, user: Any) -> Q:
    active = Hold.objects.filter(order=OuterRef("pk"), state=Hold.State.ACTIVE, type__iexact=value)
    return Q(Exists(active))


def _states(order: Order) -> SafeString:
    words = [("state", order.state)] + ([("hold_state", order.hold_state)] if order.is_held else [])
    return format_html_join(" ", "{}", ((badge(value, lists.word_of(order, name, value)),) for name, value in words))


def _jump(text: str, user: Any) -> str | None:
    found = searching.exact(text)
    return found.get_absolute_url() if found else None


ORDERS = lists.List(
    name="orders",
    noun="orders",
    rows=shown,
    columns=[
        lists.Column("number", "Order", kind="mono", sort="number"),
        lists.Column("placed", "Placed", value="placed_at", kind="time", sort="placed_at"),
        lists.Column("customer", "Customer", value=lambda order: order.customer_name or order.email),
        lists.Column("state", "State", value=lambda order: order.get_state_display(), html=_states),
        lists.Column("payment", "Payment", value="payment_state", kind="badge"),
        lists.Column("fulfillment", "Fulfilment", value="fulfillment_state", kind="badge"),
        lists.Column("ship_by", "Ship by", value="promised_ship_by", kind="time", sort="promised_ship_by"),
        lists.Column(
            "total", "Total", value=lambda order: Money(order.total, order.currency), kind="money", sort="total"
        ),
        lists.Column("channel", "Channel", value="channel.name"),
        lists.Column("external", "Their number", value="external_id", kind="mono", extra=True),
        lists.Column("email", "E-mail", extra=True),
        lists.Column("method", "Method", value=lambda order: order.get_method_display(), extra=True),
        lists.Column("returns", "Return", value="return_state", kind="badge", extra=True),
    ],
    operators=[
        lists.Is(
            conditions={
                "held": HELD,
                "late": _late,
                "attention": lambda user: (OPEN & HELD) | _late(),
                "unpaid": Q(payment_state__in=(PaymentState.UNPAID, PaymentState.PARTIALLY_PAID)),
                "to-ship": Q(state=OrderState.CONFIRMED, hold_state=HoldState.NONE, fulfillment_state__in=TO_SHIP),
                "backordered": OPEN & Q(WAITING),
                "open": OPEN,
            }
        ),
        lists.Choice("state", "commercial state", "confirmed", lookup="state", choices=OrderState.choices),
        lists.Choice(
            "channel",
            "where it was placed",
            "web",
            lookup="channel__code",
            choices=lambda: Channel.objects.order_by("code").values_list("code", "name"),
        ),
        lists.Choice("payment", "payment", "paid", lookup="payment_state", choices=PaymentState.choices),
        lists.Choice(
            "fulfillment", "fulfilment", "shipped", lookup="fulfillment_state", choices=FulfillmentState.choices
        ),
        lists.Choice("return", "return", "requested", lookup="return_state", choices=ReturnState.choices),
        lists.Choice("method", "how it reaches the customer", "pickup", lookup="method", choices=Method.choices),
        lists.Text("hold", f"held for: {', '.join(HoldType.values)}", "address", lookups=_held_for),
        lists.Text("sku", "contains a SKU", "MUG", lookups=_with_sku),
        lists.Text("email", "e-mail of the customer", "jane@example.org", lookups=["email__iexact"]),
        lists.Date("placed", "day it was placed", "today", lookup="placed_at"),
        lists.Number("total", "what it comes to", ">100", lookup="total"),
    ],
    free=lambda text, user: searching.matching(text, searching.sku_called(text)),
    free_at_once=True,
    views=[
        lists.View("All"),
        lists.View("Needs attention", "is:attention", counted=True),
        lists.View("To ship", "is:to-ship", sort="ship_by", counted=True),
        lists.View("Backordered", "is:backordered", counted=True),
        lists.View("Late", "is:late", sort="ship_by", counted=True),
    ],
    sort="-placed",
    row_url=lambda order: order.get_absolute_url(),
    jump=_jump,
    empty=lists.Empty(
        "No orders yet",
        "They come by a channel, the API, a file, or by hand.",
        "New order",
        reverse_lazy("orders:new"),
        "orders.enter",
    ),
    actions=[
        lists.Action("Hold", reverse_lazy("orders:hold-many"), "orders.place_hold", "pause"),
        lists.Action("Release holds", reverse_lazy("orders:release-many"), "orders.release_hold", "play"),
    ],
)


@requires("orders.view")
def index(request: HttpRequest) -> HttpResponse:
    return ORDERS.respond(request, "orders/index.html")


@requires("orders.view", "orders.place_hold")
@require_POST
@once
def hold_many(request: HttpRequest) -> HttpResponse:
    def verb(order: Order, said: dict[str, Any]) -> None:
        holds.place(order, type=said["type"], reason=said["reason"], by=request.user)

    return _many(request, BulkHoldForm, "Hold", "held", verb)


@requires("orders.view", "orders.release_hold")
@require_POST
@once
def release_many(request: HttpRequest) -> HttpResponse:
    def verb(order: Order, said: dict[str, Any]) -> None:
        for hold in holds.active(order):
            holds.resolve(hold, note=said["note"], by=request.user)

    return _many(request, BulkReleaseForm, "Release holds of", "released", verb)


def _many(
    request: HttpRequest, form_class: type, word: str, past: str, verb: Callable[[Order, dict[str, Any]], None]
) -> HttpResponse:
    """First the question with the rows that were ticked, then the deed, order by order."""
    rows = list(ORDERS.selected(request).order_by("pk")[: MOST_AT_ONCE + 1])
    if not rows:
        return htmx.refused(request, Refused("Tick at least one order."), redirect_to="orders:index")
    form = form_class(request.POST if "asked" in request.POST else None)
    if not form.is_valid() or len(rows) > MOST_AT_ONCE:
        context = {"form": form, "rows": rows, "word": word, "most": MOST_AT_ONCE}
        return render(request, "orders/holds/many.html", context, status=422 if form.errors else 200)
    refusals = []
    for order in rows:
        try:
            verb(order, form.cleaned_data)
        except Refused as e:
            refusals.append(str(e))
    done = len(rows) - len(refusals)
    toast = f"{done} order{'s' if done != 1 else ''} {past}." + (f" {refusals[0]}" if refusals else "")
    return htmx.done(request, redirect("orders:index").url, toast=toast)
