"""What leaves the orders room: mails to customers."""

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from oms.common import outbox
from oms.common.models import OutboxMessage
from orders.models import CustomerMail


@outbox.handler("orders.mail")
def send_mail(message: OutboxMessage) -> None:
    """The Message-ID stays the same at a repeat, so that readers fold two into one."""
    mail = CustomerMail.objects.get(pk=message.payload["mail"])
    if mail.sent_at:
        return
    letter = EmailMultiAlternatives(subject=mail.subject, body=mail.text, to=[mail.to])
    letter.extra_headers["Message-ID"] = f"<order-mail-{mail.pk}@oms>"
    if mail.html:
        letter.attach_alternative(mail.html, "text/html")
    letter.send()
    CustomerMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
