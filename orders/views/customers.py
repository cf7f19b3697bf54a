"""One customer: who they are, what they bought, and what it was worth."""

from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from oms.common import lists
from oms.common.money import Money
from oms.common.permissions import requires
from orders.models import Customer, Order
from orders.statuses import OrderState
from orders.views.index import ORDERS

COLUMNS = ("number", "placed", "state", "payment", "fulfillment", "total", "channel")


@requires("orders.view")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    listing = lists.List(
        name="customer-orders",
        noun="orders",
        rows=lambda user: Order.objects.visible_to(user).filter(customer=customer).select_related("channel"),
        columns=[column for column in ORDERS.columns if column.name in COLUMNS],
        sort="-placed",
        row_url=lambda order: order.get_absolute_url(),
        empty=lists.Empty("No orders yet", "This customer has not bought anything."),
    )
    context = {"customer": customer, "values": values(customer)}
    return listing.respond(request, "orders/customer.html", context)


def values(customer: Customer) -> list[dict[str, Any]]:
    """By currency: orders that were not cancelled, what they paid less what went back, and the usual order."""
    kept = Order.objects.filter(customer=customer).exclude(state=OrderState.CANCELLED).order_by()
    rows = kept.values("currency").annotate(
        count=Count("pk"), paid=Sum("paid_total"), back=Sum("refunded_total"), usual=Avg("total")
    )
    return [
        {
            "count": row["count"],
            "value": Money(row["paid"] - row["back"], row["currency"]),
            "back": Money(row["back"], row["currency"]) if row["back"] else None,
            "usual": Money(Decimal(row["usual"]), row["currency"]),
        }
        for row in rows.order_by("currency")
    ]
