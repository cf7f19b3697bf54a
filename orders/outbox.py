"""What leaves the orders room: mails to customers, and news to channels."""

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from oms.common import outbox
from oms.common.models import OutboxMessage
from orders import channels, notifications
from orders.channels.base import ChannelError
from orders.models import Channel, CustomerMail, Order


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


@outbox.handler("orders.mail_due")
def write_mail(message: OutboxMessage) -> None:
    """A mail whose words were left for later by a verb in a hurry."""
    with transaction.atomic():
        notifications.queue(
            Order.objects.get(pk=message.payload["order"]), message.payload["kind"], key=message.payload["key"]
        )


@outbox.handler("channel.tell")
def tell_channel(message: OutboxMessage) -> None:
    """Say it to the channel of the order, in the words of its adapter."""
    channel = Channel.objects.get(pk=message.payload["channel"])
    try:
        channels.adapter(channel.kind).tell(channel, message.payload["what"], message.payload["payload"])
    except ChannelError as e:
        if e.permanent:
            raise outbox.Permanent(str(e)) from e
        if e.retry_after:
            raise outbox.Later(e.retry_after, str(e)) from e
        raise
