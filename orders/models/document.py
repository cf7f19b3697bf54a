"""Papers that may not change, mails that were written, and what customers said afterwards."""

from django.db import models


class Document(models.Model):
    """An issued document: number without gaps within its series, bytes kept with their hash."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=12, choices=Kind)
    series = models.CharField(max_length=40)
    number = models.CharField(max_length=40, unique=True)
    key = models.CharField(max_length=80, unique=True)  # what it was issued for, so that it is issued once
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number


class CustomerMail(models.Model):
    """One message to a customer. `key` names the fact it tells, so that it is told once."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.subject


class Feedback(models.Model):
    """1-5 and a comment, once an order, after delivery."""

    order = models.OneToOneField("orders.Order", on_delete=models.CASCADE, related_name="feedback")
    rating = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(rating__gte=1, rating__lte=5), name="feedback_rating_1_to_5")
        ]

    def __str__(self) -> str:
        return f"{self.rating} for {self.order_id}"


class DigitalGrant(models.Model):
    """The right to fetch what a digital line sold, behind an unguessable link."""

    line = models.ForeignKey("orders.OrderLine", on_delete=models.CASCADE, related_name="grants")
    token = models.CharField(max_length=64, unique=True)
    quantity = models.PositiveIntegerField()
    fetched = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
