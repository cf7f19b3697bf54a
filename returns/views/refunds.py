"""Money back: what a return has earned, a sum by hand, and what a person still has to pay out."""

from typing import Any
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from oms.common import htmx, lists
from oms.common.once import once
from oms.common.permissions import requires
from orders.models import Order
from returns import refunds
from returns.forms import AmountForm, FailForm, OptionalReasonForm, SettleForm
from returns.models import Refund
from returns.shares import Shares
from returns.statuses import RefundState
from returns.views.dialogs import ask, found


def shown(user: Any) -> QuerySet:
    return Refund.objects.visible_to(user).select_related("order", "rma")


REFUNDS = lists.List(
    name="refunds",
    noun="refunds",
    rows=shown,
    columns=[
        lists.Column("number", "Refund", value=str, kind="mono"),
        lists.Column("asked", "Asked for", value="created_at", kind="time", sort="created_at"),
        lists.Column("order", "Order", value="order.number", kind="mono"),
        lists.Column("why", "Why", value="reason"),
        lists.Column("amount", "Amount", value="money", kind="money", sort="amount"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("reference", "Reference", kind="mono"),
        lists.Column("by", "By", value="actor_label"),
        lists.Column("settled", "Paid out", value="settled_at", kind="time", sort="settled_at", extra=True),
        lists.Column("origin", "For a", value="get_origin_display", extra=True),
    ],
    operators=[
        lists.Choice("state", "where it stands", "submitted", lookup="state", choices=RefundState.choices),
        lists.Choice("for", "what it is for", "return", lookup="origin", choices=Refund.Origin.choices),
        lists.Text("order", "order number", "O-1001", lookups=["order__number__iexact"]),
        lists.Number("amount", "how much", ">100", lookup="amount"),
        lists.Date("asked", "day it was asked for", "today", lookup="created_at"),
    ],
    free=lambda text, user: (
        Q(order__number__icontains=text) | Q(reference__icontains=text) | Q(order__search__text__contains=text.lower())
    ),
    views=[
        lists.View("All"),
        lists.View("To pay", "state:submitted", sort="asked", counted=True),
        lists.View("Failed", "state:failed", counted=True),
        lists.View("Paid out", "state:succeeded"),
    ],
    sort="-asked",
    row_url=lambda refund: reverse("returns:refund-show", args=[refund.pk]),
    empty=lists.Empty("No refunds yet", "They come from returns, from cancelled units that were paid, or by hand."),
)


@requires("returns.view")
def index(request: HttpRequest) -> HttpResponse:
    return REFUNDS.respond(request, "returns/refunds/index.html")


@requires("returns.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    refund = _found(request, pk)
    parts = Shares.from_breakdown(refund.order.currency, refund.breakdown)
    return render(request, "returns/refunds/show.html", {"refund": refund, "order": refund.order, "shares": parts})


@requires("returns.view", "returns.refund")
@once
def of_return(request: HttpRequest, number: str) -> HttpResponse:
    """What the accepted units have earned."""
    rma = found(request, number)
    proposal = refunds.propose(rma)

    def verb(said: dict[str, Any]) -> str:
        refund = refunds.submit_return(rma, key=refunds.key_of(rma), reason=said["reason"], by=request.user)
        return f"{refund.money} go back." if refund.amount else "Counted; there is nothing to pay back."

    text = f"{rma.order.money(proposal.total)} for what was accepted and is not paid back yet."
    form = OptionalReasonForm(request.POST or None)
    back = rma.get_absolute_url()
    return ask(request, form, title=f"Refund {rma}", submit="Pay it back", verb=verb, back=back, text=text)


@requires("orders.view", "returns.refund")
@once
def by_hand(request: HttpRequest, number: str) -> HttpResponse:
    order = get_object_or_404(Order.objects.visible_to(request.user), number__iexact=number)

    def verb(said: dict[str, Any]) -> str:
        key = f"hand:{order.number}:{request.POST.get('idempotency_key') or uuid4()}"[:120]
        refund = refunds.submit_amount(order, said["amount"], key=key, reason=said["reason"], by=request.user)
        return f"{refund.money} go back."

    form = AmountForm(request.POST or None, order=order)
    title = f"Pay money back · {order.number}"
    return ask(request, form, title=title, submit="Pay it back", verb=verb, back=order.get_absolute_url())


@requires("returns.view", "returns.refund")
@once
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A person has paid it out."""
    refund = _found(request, pk)

    def verb(said: dict[str, Any]) -> str:
        refunds.settle(refund.pk, reference=said["reference"], by=request.user)
        return f"{refund.money} of {refund.order} are paid out."

    form = SettleForm(request.POST or None)
    text = f"{refund.money} to {refund.order.customer_name or refund.order.email or 'the customer'}: {refund.reason}."
    return ask(request, form, title=f"Paid out {refund}", submit="It is paid", verb=verb, back=_page(refund), text=text)


@requires("returns.view", "returns.refund")
@once
def fail(request: HttpRequest, pk: int) -> HttpResponse:
    refund = _found(request, pk)

    def verb(said: dict[str, Any]) -> str:
        refunds.fail(refund.pk, why=said["why"], by=request.user)
        return f"{refund} failed; the amount is free again."

    form = FailForm(request.POST or None)
    text = "The amount is free again, and the order tells why."
    title = f"{refund} can't be paid"
    return ask(request, form, title=title, submit="It failed", verb=verb, back=_page(refund), text=text, danger=True)


@requires("returns.view", "returns.refund")
@require_POST
@once
def again(request: HttpRequest, pk: int) -> HttpResponse:
    refund = _found(request, pk)

    def verb() -> str:
        refunds.try_again(refund.pk, by=request.user)
        return f"{refund} is on its way again."

    return htmx.act(request, _page(refund), verb)


def _found(request: HttpRequest, pk: int) -> Refund:
    return get_object_or_404(shown(request.user), pk=pk)


def _page(refund: Refund) -> str:
    return reverse("returns:refund-show", args=[refund.pk])
