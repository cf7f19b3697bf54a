"""What a supplier sees behind the link of our letter: the purchase, and yes, no, or the tracking number."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from fulfillment import dropshipping
from inventory import links, papers
from inventory.models import PurchaseOrder, SupplierItem
from inventory.statuses import PURCHASES_DUE
from oms.common import throttle
from oms.common.actors import Actor
from oms.common.errors import Invalid, Refused
from oms.common.permissions import public

LOOKS, WINDOW = 60, 60  # looks a minute from one address
View = Callable[[HttpRequest, PurchaseOrder, str], HttpResponse]


def behind_link(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Not too often, and with a link that is still good."""

    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        if wait := throttle.too_often("public", throttle.client_address(request), limit=LOOKS, window=WINDOW):
            answer = render(request, "desk/public/wait.html", {"wait": wait}, status=429)
            answer["Retry-After"] = str(wait)
            return answer
        try:
            purchase = links.read(token)
        except links.DeadLink:
            return render(request, "fulfillment/supplier/gone.html", status=404)
        return view(request, purchase, token)

    return guarded


@public
@behind_link
def answer(request: HttpRequest, purchase: PurchaseOrder, token: str) -> HttpResponse:
    """GET shows it; POST says `answer`: accept, reject (with `reason`) or sent (with `tracking_number`)."""
    refusal, said = None, request.POST
    if request.method == "POST":
        try:
            told = _do(purchase, said.get("answer", ""), said, by=_who(request, purchase))
        except Refused as e:
            refusal = e
        else:
            messages.success(request, told)
            return redirect("fulfillment:supplier", token)
        purchase.refresh_from_db()
    context = _context(purchase, token) | {"refusal": refusal, "said": said}
    return render(request, "fulfillment/supplier/answer.html", context, status=422 if refusal else 200)


@public
@require_GET
@behind_link
def paper(request: HttpRequest, purchase: PurchaseOrder, token: str) -> HttpResponse:
    if purchase.state not in PURCHASES_DUE:
        return render(request, "fulfillment/supplier/gone.html", status=404)
    answer = HttpResponse(papers.purchase_order(purchase), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{purchase}.pdf"'
    return answer


def _who(request: HttpRequest, purchase: PurchaseOrder) -> Any:
    """A colleague who looks at the page stays who they are."""
    return request.user if request.user.is_authenticated else Actor.supplier(purchase.supplier.name)


def _do(purchase: PurchaseOrder, what: str, said: Any, *, by: Any) -> str:
    if what == "accept":
        dropshipping.accept(purchase, by=by)
        return "Thank you. Write the tracking number here when it has left."
    if what == "reject":
        dropshipping.reject(purchase, reason=dropshipping.reason_of(said.get("reason", "")), by=by)
        return "Thank you for telling us. We look elsewhere."
    if what == "sent":
        dropshipping.ship(purchase, said.get("tracking_number", ""), by=by)
        return "Thank you. The customer is told."
    raise Invalid("Choose what you want to tell us.")


def _context(purchase: PurchaseOrder, token: str) -> dict[str, Any]:
    """Nothing of the customer once it is over, and never a price."""
    lines = list(purchase.lines.select_related("sku").order_by("sku__code"))
    rows = SupplierItem.objects.filter(supplier=purchase.supplier_id, sku__in=[line.sku_id for line in lines])
    theirs = dict(rows.values_list("sku", "code"))
    return {
        "purchase": purchase,
        "token": token,
        "open": purchase.state in PURCHASES_DUE,
        "lines": [(theirs.get(line.sku_id, ""), line) for line in lines],
    }
