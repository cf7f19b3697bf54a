"""What counting asks of the floor: a lead approves, and orders whose units are missing are sourced again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from fulfillment import displacing
from inventory.models import CycleCount
from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import requires


@requires("inventory.adjust")
@require_POST
@once
def approve(request: HttpRequest, number: str) -> HttpResponse:
    count = get_object_or_404(CycleCount.objects.visible_to(request.user).select_related("location"), number=number)

    def done() -> str:
        displaced = displacing.approve(count, by=request.user).units
        orders = ", ".join(dict.fromkeys(order for order, _, _ in displaced))
        again = f" Sourced again: {orders}." if displaced else ""
        return f"{count} is posted.{again}"

    return htmx.act(request, count.get_absolute_url(), done)
