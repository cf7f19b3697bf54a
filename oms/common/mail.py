"""The outbox topic "mail": payload `{"to", "subject", "text", "html"}`, sent through Django's mail settings."""

import smtplib

from django.core.mail import EmailMultiAlternatives

from oms.common import outbox
from oms.common.models import OutboxMessage


@outbox.handler("mail")
def send(message: OutboxMessage) -> None:
    mail = message.payload
    letter = EmailMultiAlternatives(subject=mail["subject"], body=mail["text"], to=[mail["to"]])
    letter.extra_headers["Message-ID"] = f"<outbox-{message.pk}@oms>"  # the same at a repeat, so readers fold it
    if mail.get("html"):
        letter.attach_alternative(mail["html"], "text/html")
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as e:
        raise outbox.Permanent(f"The mail server refuses {mail['to']}.") from e
