"""What waits for stock: what it waits for, and when that is expected."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from fulfillment import deciding
from fulfillment.models import Backorder
from fulfillment.statuses import BackorderState
from inventory.models import Location
from oms.common import lists
from oms.common.permissions import requires


def seen(user: Any) -> QuerySet:
    """Those that any place may fill, and those of the person's places."""
    rows = Backorder.objects.select_related("sku", "location", "order_line__order")
    if user.all_locations:
        return rows
    return rows.filter(Q(location=None) | Q(location__in=Location.objects.visible_to(user)))


BACKORDERS = lists.List(
    name="backorders",
    noun="backorders",
    rows=seen,
    columns=[
        lists.Column("order", "Order", value="order_line.order.number", kind="mono"),
        lists.Column("sku", "SKU", value="sku.code", kind="mono", sort="sku__code"),
        lists.Column("item", "Item", value="sku.name"),
        lists.Column("state", "State", kind="badge"),
        lists.Column("quantity", "Waiting", kind="number", sort="quantity"),
        lists.Column("filled", "Filled", kind="number"),
        lists.Column("supply", "Waits for", value=lambda row: row.supply or "nothing bought yet"),
        lists.Column("expected", "Expected", value="expected_at", kind="time", sort="expected_at"),
        lists.Column("queued", "In line since", value="queued_at", kind="time", sort="queued_at"),
        lists.Column("location", "At", value=lambda row: row.location.name if row.location else "anywhere", extra=True),
        lists.Column("cause", "Why", extra=True),
    ],
    operators=[
        lists.Choice("state", "where it stands", "waiting", lookup="state", choices=BackorderState.choices),
        lists.Is(
            conditions={
                "late": Q(state="waiting", expected_at__lt=Now()),
                "unsupplied": Q(state="waiting", supply=""),
            }
        ),
        lists.Text("sku", "which SKU", "MUG", lookups=["sku__code__iexact"]),
        lists.Text("supply", "what it waits for", "PO-1007", lookups=["supply__iexact"]),
        lists.Date("expected", "when expected", "today", lookup="expected_at"),
    ],
    free=lambda text, user: Q(sku__code__icontains=text) | Q(order_line__order__number__icontains=text),
    views=[
        lists.View("Waiting", "state:waiting", counted=True),
        lists.View("Late", "is:late", counted=True),
        lists.View("Nothing bought", "is:unsupplied", counted=True),
        lists.View("All"),
    ],
    sort="queued",
    row_url=lambda row: reverse("inventory:sku", args=[row.sku.code]),
    empty=lists.Empty("No backorders", "Orders that find no stock wait here, the oldest first."),
)


@requires("fulfillment.view")
def index(request: HttpRequest) -> HttpResponse:
    context = {"last": deciding.last()}
    return BACKORDERS.respond(request, "fulfillment/backorders/index.html", context)
