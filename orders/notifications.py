"""Mails to customers: each fact is told once, from a template, through the outbox."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from oms.common import outbox
from oms.common.locking import lock
from orders import timeline
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
        "order_lines": order.lines.select_related("kit").order_by("position"),
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
    _post(mail)
    return mail


@transaction.atomic
def send_again(mail: CustomerMail, *, to: str, by: Any) -> CustomerMail:
    """The same words once more, as a mail of its own that tells who asked for it."""
    order = lock(Order.objects.filter(pk=mail.order_id))[0]
    times = CustomerMail.objects.filter(order=order, key__startswith=f"{mail.key}:again:").count()
    again = CustomerMail.objects.create(
        order=order,
        kind=mail.kind,
        key=f"{mail.key}:again:{times + 1}",
        to=to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
    )
    _post(again)
    timeline.record(order, "mail.sent_again", by=by, subject=again.subject, to=to)
    return again


def _post(mail: CustomerMail) -> None:
    outbox.post("orders.mail", f"customer-mail:{mail.pk}", {"mail": mail.pk}, group=f"mail:{mail.order_id}")
