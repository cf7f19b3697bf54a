"""A form about one return, in the dialog or as a page: read it, call the verb, back to where it stood."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from oms.common import htmx
from oms.common.errors import Invalid, Refused
from returns.models import Return


def found(request: HttpRequest, number: str) -> Return:
    visible = Return.objects.visible_to(request.user)
    related = ("order__channel", "order__shipping_address", "location__address", "policy", "label", "tracker")
    return get_object_or_404(visible.select_related(*related).defer("label__pdf", "label__zpl"), number__iexact=number)


def ask(
    request: HttpRequest,
    form: forms.Form,
    *,
    title: str,
    submit: str,
    verb: Callable[[dict[str, Any]], str],
    back: str,
    text: str = "",
    danger: bool = False,
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
            return htmx.done(request, back, toast=toast)
    template = "returns/_ask.html" if htmx.wants_part(request) else "returns/ask.html"
    context = {"form": form, "title": title, "submit": submit, "text": text, "refusal": refusal, "danger": danger}
    return render(request, template, context, status=422 if refusal or form.errors else 200)
