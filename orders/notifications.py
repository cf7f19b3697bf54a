"""Mails to customers: each fact is told once, from a template, through the outbox."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from oms.common import outbox
from orders.models import CustomerMail, Order

SUBJECTS = {
    "confirmed": "We have your order {number}",
    "shipped": "Your order {number} is on its way",
    "out_for_delivery": "Your order {number} arrives today",
    "delivered": "Your order {number} has arrived",
    "pickup_ready": "Your order {number} is ready to collect",
    "pickup_expired": "Your order {number} was not collected",
    "digital": "Your downloads of order {number}",
    "refund": "Money for order {number} is on its way back",
    "cancelled": "Your order {number} is cancelled",
    "return_label": "Send back your order {number}",
}


def queue(order: Order, kind: str, *, key: str, **context: Any) -> CustomerMail | None:
    """Write the mail and post it. The same key again is no news. None when the customer has no address for it."""
    if not order.email:
        return None
    known = CustomerMail.objects.filter(key=key).first()
    if known:
        return known
    facts = {
        **context,
        "order": order,
        "order_lines": order.lines.order_by("position"),
        "tracking_url": f"{settings.BASE_URL}/t/{order.tracking_token}/",
        "base_url": settings.BASE_URL,
    }
    mail = CustomerMail.objects.create(
        order=order,
        kind=kind,
        key=key,
        to=order.email,
        subject=SUBJECTS[kind].format(number=order.number),
        text=render_to_string(f"orders/email/{kind}.txt", facts).strip() + "\n",
        html=render_to_string(f"orders/email/{kind}.html", facts),
    )
    outbox.post(
        "orders.mail",
        f"customer-mail:{mail.pk}",
        {"mail": mail.pk},
        group=f"mail:{order.pk}",
    )
    return mail
