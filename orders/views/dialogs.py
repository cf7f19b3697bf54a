"""A form about one order, in the dialog or as a page: read it, call the verb, back to the order."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from oms.common import htmx
from oms.common.errors import Invalid, Refused
from orders.models import Order


def found(request: HttpRequest, number: str) -> Order:
    visible = Order.objects.visible_to(request.user).select_related("channel", "customer", "shipping_address")
    return get_object_or_404(visible, number__iexact=number)


def ask(
    request: HttpRequest,
    order: Order,
    form: forms.Form,
    *,
    title: str,
    submit: str,
    verb: Callable[[dict[str, Any]], str],
    text: str = "",
) -> HttpResponse:
    """`verb` gets what was said and gives the sentence that is shown afterwards; a refusal keeps the form."""
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            toast = verb(form.cleaned_data)
        except Refused as e:
            refusal = e
            if isinstance(e, Invalid) and e.field in form.fields:
                form.add_error(e.field, str(e))
                refusal = None
        else:
            return htmx.done(request, order.get_absolute_url(), toast=toast)
    template = "orders/_ask.html" if htmx.wants_part(request) else "orders/ask.html"
    context = {"form": form, "order": order, "title": title, "submit": submit, "text": text, "refusal": refusal}
    return render(request, template, context, status=422 if refusal or form.errors else 200)
