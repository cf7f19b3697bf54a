"""What the counters say after a verb, to be compared in one line."""

from fulfillment.models import Backorder, FulfillmentOrder
from oms.common import invariants
from orders.models import Order

COUNTERS = ("cancelled", "allocated", "backordered", "picked", "packed", "shipped", "delivered")


def counters(order: Order) -> list[dict[str, int]]:
    """For each line of the order its counters that are not 0."""
    rows = order.lines.order_by("position").values(*COUNTERS)
    return [{name: units for name, units in row.items() if units} for row in rows]


def work(order: Order) -> list[tuple[str, str, int]]:
    """(location, state, units) of its fulfilment orders, in their order."""
    rows = FulfillmentOrder.objects.filter(order=order).order_by("pk")
    return [(one.location.code if one.location else "", one.state, _units(one)) for one in rows]


def waiting(order: Order) -> list[tuple[str, int, str]]:
    """(SKU, units, supply) of its open backorders."""
    rows = Backorder.objects.filter(order_line__order=order, state="waiting").order_by("pk")
    return [(row.sku.code, row.quantity, row.supply) for row in rows]


def verbs(order: Order) -> list[str]:
    return list(order.events.order_by("seq").values_list("verb", flat=True))


def breaches() -> dict[str, list[str]]:
    """Broken invariants of the whole house, none in a sound world."""
    return {verdict.rule.text: verdict.samples for verdict in invariants.check() if verdict.count}


def _units(one: FulfillmentOrder) -> int:
    return sum(one.lines.values_list("quantity", flat=True))
