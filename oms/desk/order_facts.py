"""The small facts of one order, which stand in many tables: read together, and tied to what the page knows already."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from fulfillment.models import Backorder
from fulfillment.statuses import BackorderState
from oms.common.gathering import gather
from orders import telling
from orders.models import Hold, Order, OrderLine
from orders.statuses import HoldType, OrderState
from returns.models import Refund, Return, ReturnLine

EVENTS_SHOWN = 60
FIXES = {HoldType.ADDRESS: "orders:address", HoldType.CONTACT: "orders:contact"}


def read(order: Order, lines: Sequence[OrderLine], topic: str) -> dict[str, Any]:
    found = gather(
        holds=Hold.objects.filter(order=order, state=Hold.State.ACTIVE).order_by("pk"),
        changes=order.changes.filter(state="editing").order_by("pk"),
        backorders=Backorder.objects.filter(order_line__order=order, state=BackorderState.WAITING).order_by("pk"),
        payments=order.payments.order_by("at"),
        documents=order.documents.defer("pdf").order_by("issued_at"),
        refunds=Refund.objects.filter(order=order).order_by("pk"),
        returns=Return.objects.filter(order=order).order_by("pk"),
        return_lines=ReturnLine.objects.filter(rma__order=order).order_by("pk"),
        notes=order.notes.order_by("-pinned", "-at"),
        events=_events(order, topic),
    )
    return {
        "holds": _holds(order, lines, found["holds"]),
        "changing": next(iter(found["changes"]), None) if order.is_open else None,
        "backorders": _backorders(lines, found["backorders"]),
        **{name: found[name] for name in ("payments", "documents", "refunds", "notes")},
        "returns": [
            {"rma": rma, "lines": [line for line in found["return_lines"] if line.rma_id == rma.pk]}
            for rma in found["returns"]
        ],
        "entries": telling.entries(found["events"]),
    }


def _holds(order: Order, lines: Sequence[OrderLine], holds: Sequence[Hold]) -> list[dict[str, Any]]:
    """Each with what to fix, and where that is done."""
    prefetch_related_objects([hold for hold in holds if hold.owner_id], "owner")
    known = {line.pk: line for line in lines}
    unknown = [line for line in lines if line.sku_id is None]
    fixable = order.state == OrderState.RECEIVED
    for hold in holds:
        hold.line = known.get(hold.line_id)
    return [
        {
            "hold": hold,
            "fix": FIXES.get(hold.type, "") if fixable else "",
            "unknown": unknown if fixable and hold.type == HoldType.UNKNOWN_SKU else [],
        }
        for hold in holds
    ]


def _backorders(lines: Sequence[OrderLine], rows: Sequence[Backorder]) -> Sequence[Backorder]:
    prefetch_related_objects([row for row in rows if row.location_id], "location")
    known = {line.pk: line for line in lines}
    for row in rows:
        row.order_line = known[row.order_line_id]
        row.sku = row.order_line.sku
    return rows


def _events(order: Order, topic: str) -> QuerySet:
    events = order.events.order_by("-seq")
    if topic in telling.TOPICS:
        events = events.filter(verb__in=telling.verbs_of(topic))
    return events[:EVENTS_SHOWN]
