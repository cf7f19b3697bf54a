"""What a supplier answers about goods for our customer: yes, no, or the tracking number."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from fulfillment import dropshipping
from inventory.models import PurchaseOrder
from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import requires


@requires("fulfillment.route")
@require_POST
@once
def accepted(request: HttpRequest, number: str) -> HttpResponse:
    def verb(purchase: PurchaseOrder) -> str:
        dropshipping.accept(purchase, by=request.user)
        return f"{purchase} is accepted."

    return _act(request, number, verb)


@requires("fulfillment.route")
@require_POST
@once
def rejected(request: HttpRequest, number: str) -> HttpResponse:
    def verb(purchase: PurchaseOrder) -> str:
        reason = dropshipping.reason_of(request.POST.get("reason", ""))
        dropshipping.reject(purchase, reason=reason, by=request.user)
        return f"{purchase} is off; another place is looked for."

    return _act(request, number, verb)


@requires("fulfillment.route")
@require_POST
@once
def elsewhere(request: HttpRequest, number: str) -> HttpResponse:
    def verb(purchase: PurchaseOrder) -> str:
        dropshipping.withdraw(purchase, by=request.user)
        return f"{purchase} is called off; another place is looked for."

    return _act(request, number, verb)


@requires("fulfillment.ship")
@require_POST
@once
def sent(request: HttpRequest, number: str) -> HttpResponse:
    def verb(purchase: PurchaseOrder) -> str:
        dropshipping.ship(purchase, request.POST.get("tracking_number", ""), by=request.user)
        return f"{purchase} is on its way; the customer is told."

    return _act(request, number, verb)


def _act(request: HttpRequest, number: str, verb: Callable[[PurchaseOrder], str]) -> HttpResponse:
    visible = PurchaseOrder.objects.visible_to(request.user).filter(ships_to__isnull=False)
    purchase = get_object_or_404(visible.select_related("supplier", "location"), number=number)
    return htmx.act(request, purchase.get_absolute_url(), lambda: verb(purchase))
