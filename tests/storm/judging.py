"""What has to be true when the storm is over, beside the invariants: nothing that somebody was told is lost."""

from collections import Counter
from collections.abc import Sequence

from django.db import connection
from django.db.models import F, Sum

from fulfillment.models import FulfillmentOrderLine, Shipment
from inventory.models import BinStock
from oms.common import invariants
from orders.models import Order, OrderEvent, OrderLine


def judge(facts: Sequence[str]) -> dict:
    return {
        "orders": dict(Counter(Order.objects.values_list("state", flat=True))),
        "shipments": Shipment.objects.filter(state="handed_over").count(),
        "lost": lost(facts),
        "oversold": oversold(),
        "left_waiting": left_waiting(),
        "broken": {v.rule.text: v.samples for v in invariants.check() if v.count},
    }


def is_sound(told: dict) -> bool:
    return not any(told[name] for name in ("errors", "lost", "oversold", "left_waiting", "broken"))


def lost(facts: Sequence[str]) -> list[str]:
    """Facts that somebody was told and that are not there, or not as often."""
    told = Counter(facts)
    kinds = {kind: [fact for fact in told if fact.startswith(f"{kind}:")] for kind in TRUE}
    return sorted(
        fact for kind, found in kinds.items() for fact in found if TRUE[kind](fact[len(kind) + 1 :]) < told[fact]
    )


def oversold() -> int:
    """Units promised to work and not there, place by place, from the work and the bins alone."""
    rows = FulfillmentOrderLine.objects.filter(quantity__gt=F("shipped"))
    promised = rows.values_list("sku", "fulfillment_order__location").annotate(n=Sum(F("quantity") - F("shipped")))
    lying = BinStock.objects.values_list("sku", "bin__location").annotate(n=Sum("quantity"))
    there = {(sku, place): units for sku, place, units in lying}
    return sum(max(0, units - there.get((sku, place), 0)) for sku, place, units in promised)


def left_waiting() -> int:
    """Received or confirmed orders that no hold stops and that the sweeps forgot."""
    forgotten = OrderLine.objects.filter(
        order__state__in=("received", "confirmed"),
        order__hold_state="none",
        ordered__gt=F("cancelled") + F("allocated") + F("backordered") + F("shipped"),
    )
    return forgotten.values("order").distinct().count()


def deadlocks() -> int:
    """Of this database so far, those that were tried again without anybody's notice included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def wait_for_the_killed() -> None:
    """Until Postgres has noticed that they are gone, and rolled back what they had begun."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"{others} AND state <> 'idle'")
            if not cursor.fetchone()[0]:
                return


def _events(order: str, verb: str) -> int:
    return OrderEvent.objects.filter(order=order, verb=verb).count()


# What is done already may be told again, to others: only that it is so can be asked.
TRUE = {
    "taken": lambda key: Order.objects.filter(external_id=key).count(),
    "cancelled": lambda pk: 1_000 * Order.objects.filter(pk=pk, state="cancelled").count(),
    "amended": lambda pk: _events(pk, "order.amended"),
    "cut": lambda pk: OrderLine.objects.get(pk=pk).cancelled,
    "gone": lambda pk: 1_000 * Shipment.objects.filter(pk=pk, state="handed_over").count(),
}
