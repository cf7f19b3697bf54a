"""What channels are told: shipments, cancellations, refunds. Posted with the fact, delivered in order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from oms.common import outbox
from orders.channels import adapter
from orders.channels.base import ShipmentNotice
from orders.models import Order


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
            "lines": _lines(order, notice.lines),
            "shipped_at": notice.shipped_at.isoformat(),
        },
    )


def announce_cancellation(order: Order, units: Mapping[int, int], *, reference: str, reason: str) -> None:
    _post(order, "cancellation", reference, {"lines": _lines(order, units), "reason": reason})


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


def _lines(order: Order, units: Mapping[int, int]) -> list[dict[str, Any]]:
    lines = order.lines.in_bulk(units)
    return [
        {"line": lines[pk].external_line_id, "sku": lines[pk].sku_code, "quantity": count}
        for pk, count in units.items()
        if pk in lines and count
    ]
