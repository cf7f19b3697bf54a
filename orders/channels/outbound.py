"""What channels are told: shipments, cancellations, refunds. Posted with the fact, delivered in order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from oms.common import outbox
from orders.channels import adapter
from orders.channels.base import ShipmentNotice
from orders.models import Order, OrderKit


def announce_shipment(order: Order, notice: ShipmentNotice) -> None:
    _post(
        order,
        "shipment",
        notice.reference,
        {
            "shipment": notice.reference,
            "carrier": notice.carrier,
            "service": notice.service,
            "tracking_numbers": list(notice.tracking_numbers),
            "tracking_urls": list(notice.tracking_urls),
            "lines": _lines(order, notice.lines, "shipped"),
            "shipped_at": notice.shipped_at.isoformat(),
        },
    )


def announce_cancellation(order: Order, units: Mapping[int, int], *, reference: str, reason: str) -> None:
    _post(order, "cancellation", reference, {"lines": _lines(order, units, "cancelled"), "reason": reason})


def announce_refund(order: Order, amount: Decimal, *, reference: str) -> None:
    _post(order, "refund", reference, {"amount": str(amount), "currency": order.currency, "reference": reference})


def is_told(order: Order) -> bool:
    """Does the channel of this order listen?"""
    return adapter(order.channel.kind) is not None and bool(order.channel.config.get("callback_url"))


def _post(order: Order, what: str, reference: str, facts: dict[str, Any]) -> None:
    if not is_told(order):
        return
    key = f"channel.{what}:{order.pk}:{reference}"
    payload = {"key": key, "order": order.external_id, "number": order.number, **facts}
    message = {"channel": order.channel_id, "what": what, "payload": payload}
    outbox.post("channel.tell", key, message, group=f"channel:{order.pk}")


def _lines(order: Order, units: Mapping[int, int], counter: str) -> list[dict[str, Any]]:
    """In the words of the channel: goods as they were ordered, and kits when they have become whole."""
    lines = order.lines.in_bulk(units)
    plain = [(lines[pk], count) for pk, count in units.items() if pk in lines and count and not lines[pk].kit_id]
    told = plain + _kits(order, {line.kit_id for line in lines.values() if line.kit_id}, units, counter)
    return [{"line": one.external_line_id, "sku": one.sku_code, "quantity": count} for one, count in told]


def _kits(order: Order, ids: set[int], units: Mapping[int, int], counter: str) -> list[tuple[OrderKit, int]]:
    """How many kits the counters make now that they did not make without these units."""
    found = []
    for kit in order.kits.filter(pk__in=ids).prefetch_related("lines").order_by("position") if ids else ():
        lines = [(getattr(line, counter), units.get(line.pk, 0), line.per_kit) for line in kit.lines.all()]
        whole = min(now // each for now, _, each in lines) - min((now - new) // each for now, new, each in lines)
        if whole:
            found.append((kit, whole))
    return found
