"""The counter: what waits for customers, found by code or name, handed over for the code, kept longer when asked."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fulfillment import pickup
from fulfillment.models import FulfillmentOrder
from fulfillment.statuses import FulfillmentOrderState
from fulfillment.views.packing import MOST_SHOWN, places
from fulfillment.views.places import offered
from oms.common import htmx, throttle
from oms.common.errors import Invalid, Refused
from oms.common.once import once
from oms.common.permissions import requires

LONGEST_DAYS = 30
WRONG_CODES, WRONG_WINDOW = 5, 600
PAGE = "fulfillment/collect/index.html"


@requires("fulfillment.collect")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(request, PAGE, _waiting(request))


@requires("fulfillment.collect")
@require_POST
@once
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Only for the code that the customer shows."""
    mine = _found(request, pk)
    try:
        if wait := throttle.wait_seconds("collect", str(pk), limit=WRONG_CODES, window=WRONG_WINDOW):
            raise Invalid(f"Too many wrong codes. Try again in {-(-wait // 60)} minutes.", field="code")
        pickup.collect(mine, request.POST.get("code", ""), by=request.user)
    except Refused as e:
        if isinstance(e, pickup.WrongCode):
            throttle.count("collect", str(pk), window=WRONG_WINDOW)
        return htmx.refused(request, e, page=PAGE, context={**_waiting(request), "tried": mine})
    return htmx.done(request, "fulfillment:collect", toast=f"{mine.order.number} is collected.")


@requires("fulfillment.collect")
@require_POST
@once
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    mine, said = _found(request, pk), request.POST.get("days", "")
    try:
        if not (said.isdecimal() and len(said) < 3 and 1 <= int(said) <= LONGEST_DAYS):
            raise Invalid(f"Give it 1 to {LONGEST_DAYS} more days.", field="days")
        pickup.extend(mine, int(said), by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page=PAGE, context={**_waiting(request), "tried": mine})
    return htmx.done(request, "fulfillment:collect", toast=f"{mine.order.number} is kept {said} days longer.")


def _waiting(request: HttpRequest) -> dict[str, Any]:
    """All that waits, or what a code or a name means. The codes themselves are not shown."""
    rows = FulfillmentOrder.objects.filter(location__in=places(request), state=FulfillmentOrderState.READY_FOR_PICKUP)
    asked = request.GET.get("q", "").strip()[:80]
    if asked:
        rows = rows.filter(
            Q(collect_code="".join(asked.split()))
            | Q(order__customer_name__icontains=asked)
            | Q(order__number__iexact=asked)
            | Q(number__iexact=asked)
        )
    rows = rows.select_related("order", "location").prefetch_related("lines__sku").order_by("collect_until", "pk")
    return {**offered(request), "rows": rows[:MOST_SHOWN], "q": asked, "now": timezone.now()}


def _found(request: HttpRequest, pk: int) -> FulfillmentOrder:
    return get_object_or_404(FulfillmentOrder.objects.select_related("order"), pk=pk, location__in=places(request))
