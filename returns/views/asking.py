"""Ask for a return from the page of its order: choose, look at what the policy says and what it pays, open it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from oms.common import htmx
from oms.common.errors import Refused
from oms.common.once import once
from oms.common.permissions import requires
from orders.models import Order
from returns import authorisation, eligibility, refunds
from returns.forms import RequestForm


@requires("orders.view", "returns.request")
@once
def new(request: HttpRequest, number: str) -> HttpResponse:
    order = get_object_or_404(
        Order.objects.visible_to(request.user).select_related("shipping_address"), number__iexact=number
    )
    lines = list(order.lines.select_related("sku").order_by("position"))
    form = RequestForm(request.POST if request.method == "POST" else None, lines=lines)
    verdict = proposal = refusal = None
    if request.method == "POST" and form.is_valid():
        verdict = eligibility.check(order, form.wants)
        override = form.cleaned_data["override"]
        if request.POST.get("sure"):
            try:
                rma = authorisation.request(
                    order, form.wants, note=form.cleaned_data["note"], override=override, by=request.user
                )
            except Refused as e:
                refusal = e
            else:
                waits = "" if rma.state == "authorised" else " It waits for approval."
                return htmx.done(request, rma, toast=f"Return {rma} is open.{waits}")
        proposal = None if refusal else refunds.estimate(order, form.wants)
    context = {
        "order": order,
        "form": form,
        "any": any(eligibility.returnable(line) for line in lines),
        "policy": eligibility.policy_for(order),
        "verdict": verdict,
        "proposal": proposal,
        "refusal": refusal,
    }
    bad = request.method == "POST" and (form.errors or refusal)
    return render(request, "returns/new.html", context, status=422 if bad else 200)
