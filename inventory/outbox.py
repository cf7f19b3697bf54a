"""What leaves the room of stock: letters to suppliers."""

import smtplib

from django.core.mail import EmailMultiAlternatives

from inventory import links, papers
from inventory.models import PurchaseOrder
from oms.common import outbox
from oms.common.models import OutboxMessage

SUBJECTS = {
    "ordered": "Order {}",
    "changed": "Order {} has changed",
    "cancelled": "Order {} is cancelled",
}
TEXTS = {
    "ordered": "Please find our order {} enclosed. It goes straight to our customer; tell us whether you can send it.",
    "changed": "Our order {} has changed. The enclosed paper is what we want now.",
    "cancelled": "We cancel our order {}. Please do not send it.",
}


@outbox.handler("inventory.purchase_mail")
def send_purchase(message: OutboxMessage) -> None:
    """With the paper as it is now. The Message-ID stays the same at a repeat, so that readers fold two into one."""
    rows = PurchaseOrder.objects.select_related("supplier", "ships_to", "location__address")
    purchase, what = rows.get(pk=message.payload["purchase"]), message.payload["what"]
    body = TEXTS[what].format(purchase)
    if what != "cancelled" and purchase.ships_to_id:
        body += (
            f"\n\nAnswer here, without signing in: {links.of(purchase)}\nThe link is good for {links.VALID.days} days."
        )
    letter = EmailMultiAlternatives(subject=SUBJECTS[what].format(purchase), body=body, to=[purchase.supplier.email])
    letter.extra_headers["Message-ID"] = f"<outbox-{message.pk}@oms>"
    if what != "cancelled":
        letter.attach(f"{purchase}.pdf", papers.purchase_order(purchase), "application/pdf")
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as e:
        raise outbox.Permanent(f"The mail server refuses {purchase.supplier.email}.") from e
