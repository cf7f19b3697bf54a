"""What the page of a lot asks of the floor: set it aside now, and serve from good units what was promised of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from fulfillment import expiring
from inventory import lots
from inventory.models import Location, Lot
from oms.common import htmx
from oms.common.once import once
from oms.common.permissions import requires


@requires("inventory.adjust", "fulfillment.route")
@require_POST
@once
def clear(request: HttpRequest, pk: int) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.visible_to(request.user).select_related("sku"), pk=pk)
    mine = set(Location.objects.visible_to(request.user).values_list("pk", flat=True))
    keys = {(row.sku_id, row.bin.location_id) for row in lots.over() if row.lot_id == lot.pk}

    def done() -> str:
        cleared = [expiring.clear(key, by=request.user) for key in sorted(keys) if key[1] in mine]
        orders = dict.fromkeys(order for _, told in cleared for order, _, _ in told.units)
        again = f" Sourced again: {', '.join(orders)}." if orders else ""
        return f"{sum(units for units, _ in cleared)} units set aside.{again}"

    return htmx.act(request, lot.get_absolute_url(), done)
