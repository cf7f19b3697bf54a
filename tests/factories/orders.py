"""Orders as channels send them, and channels to send them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from orders.channels.base import ExternalLine, ExternalOrder, ExternalPayment
from orders.models import Channel
from tests.factories.fulfillment import HAMBURG

_numbers = count(1)


def channel(code: str = "web", *, kind: str = "api", **facts) -> Channel:
    return Channel.objects.create(code=code, name=f"Channel {code}", kind=kind, token=f"token-{code}", **facts)


def line(sku: str = "MUG", quantity: int = 1, price: str = "10.00", **facts) -> ExternalLine:
    money = {name: Decimal(facts.pop(name)) for name in ("discount", "tax") if name in facts}
    return ExternalLine(sku=sku, quantity=quantity, unit_price=Decimal(price), **money, **facts)


def external(*lines: ExternalLine, paid: str | None = "", **facts) -> ExternalOrder:
    """Sound in every way and paid in full, unless said otherwise; `paid=None` is unpaid."""
    lines = lines or (line(),)
    order = ExternalOrder(
        external_id=f"E-{next(_numbers)}",
        placed_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        currency="EUR",
        lines=lines,
        customer_name="Ada Winter",
        email="ada@example.org",
        shipping_address=HAMBURG,
    )
    order = replace(order, **facts)
    if paid is None or "payment" in facts:
        return order
    due = sum((one.unit_price * one.quantity - one.discount + one.tax for one in lines), order.shipping)
    amount = Decimal(paid) if paid else due
    return replace(order, payment=ExternalPayment("paid", amount, f"P-{order.external_id}"))
