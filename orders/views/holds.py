"""Holds of one order: place, release, postpone, and put right what they found."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from oms.common.once import once
from oms.common.permissions import requires
from orders import corrections, forms, holds, verification
from orders.models import Hold, OrderLine
from orders.statuses import OrderState
from orders.views.dialogs import ask, found


@requires("orders.view", "orders.place_hold")
@once
def place(request: HttpRequest, number: str) -> HttpResponse:
    order = found(request, number)

    def verb(said: dict[str, Any]) -> str:
        hold = holds.place(
            order,
            type=said["type"],
            reason=said["reason"],
            review_at=forms.start_of_work(said["review_on"]),
            owner=said["owner"],
            by=request.user,
        )
        return f"{order} is on hold: {hold.get_type_display().lower()}."

    return ask(request, order, forms.HoldForm(request.POST or None), title="Hold", submit="Hold it", verb=verb)


@requires("orders.view", "orders.release_hold")
@once
def release(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = found(request, number)
    hold = get_object_or_404(Hold, order=order, pk=pk)

    def verb(said: dict[str, Any]) -> str:
        holds.resolve(hold, note=said["note"], by=request.user)
        if order.state == OrderState.RECEIVED:
            verification.recheck(order.pk, by=request.user)
        return f"{hold.get_type_display()} is released."

    form = forms.ReleaseForm(request.POST or None)
    return ask(request, order, form, title="Release", submit="Release", verb=verb, text=hold.reason)


@requires("orders.view", "orders.place_hold")
@once
def postpone(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = found(request, number)
    hold = get_object_or_404(Hold, order=order, pk=pk)

    def verb(said: dict[str, Any]) -> str:
        holds.postpone(hold, forms.start_of_work(said["review_on"]), owner=said["owner"], by=request.user)
        return f"It comes up again on {said['review_on']:%d %b %Y}."

    form = forms.PostponeForm(request.POST or None, hold=hold)
    return ask(request, order, form, title="Assign or postpone", submit="Save", verb=verb, text=hold.reason)


@requires("orders.view", "orders.amend")
@once
def address(request: HttpRequest, number: str) -> HttpResponse:
    order = found(request, number)
    known = vars(order.shipping_address) if order.shipping_address else {"name": order.customer_name}
    form = forms.AddressForm(request.POST or None, initial=known)

    def verb(said: dict[str, Any]) -> str:
        fresh = corrections.correct_address(order, form.postal, sure=said["sure"], by=request.user)
        return f"Address saved. {fresh} is {'still on hold' if fresh.is_held else fresh.get_state_display().lower()}."

    return ask(request, order, form, title="Correct the address", submit="Save and check again", verb=verb)


@requires("orders.view", "orders.amend")
@once
def contact(request: HttpRequest, number: str) -> HttpResponse:
    order = found(request, number)
    form = forms.ContactForm(request.POST or None, initial=vars(order))

    def verb(said: dict[str, Any]) -> str:
        fresh = corrections.correct_contact(
            order, name=said["customer_name"], email=said["email"], phone=said["phone"], by=request.user
        )
        return f"Contact saved. {fresh} is {'still on hold' if fresh.is_held else fresh.get_state_display().lower()}."

    return ask(request, order, form, title="Correct the contact", submit="Save and check again", verb=verb)


@requires("orders.view", "orders.amend")
@once
def sku(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    order = found(request, number)
    line = get_object_or_404(OrderLine, order=order, pk=pk)
    form = forms.SkuMappingForm(request.POST or None)

    def verb(said: dict[str, Any]) -> str:
        corrections.map_sku(line, form.found, by=request.user)
        return f"{line.ordered} × {form.found.code}."

    text = f"The order says {line.ordered} × “{line.sku_code}” {line.name}"
    return ask(request, order, form, title="Which SKU is it?", submit="Save and check again", verb=verb, text=text)
