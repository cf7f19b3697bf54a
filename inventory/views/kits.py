"""What a kit is made of, and what it was made of before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from inventory import kits
from inventory.forms.goods import KitForm
from inventory.models import Sku
from oms.common import htmx
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires


@requires("inventory.manage")
@once
def edit(request: HttpRequest, code: str) -> HttpResponse:
    sku = get_object_or_404(Sku, code__iexact=code)
    now = kits.newest(sku)
    said = "\n".join(f"{part.code} {units}" for part, units in now.parts) if now else ""
    form, refusal = KitForm(request.POST or None, initial={"parts": said}), None
    if request.method == "POST" and form.is_valid():
        try:
            version = kits.make(sku, form.cleaned_data["parts"], by=request.user)
        except Refused as e:
            refusal = e
        else:
            return htmx.done(request, sku.get_absolute_url(), toast=f"{sku.code} is version {version.number} now.")
    template = "inventory/skus/_kit_form.html" if htmx.wants_part(request) else "inventory/skus/kit.html"
    context = {"form": form, "sku": sku, "refusal": refusal}
    return render(request, template, context, status=422 if refusal or form.errors else 200)
