"""Money back: one row an intent, unique by key, with the shares it is made of."""

from django.db import models
from django.db.models import Q

from oms.common.money import Money
from orders.models.order import money_column
from returns.statuses import RefundState


class RefundQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RefundQuerySet":
        return self if user.can("returns.view") else self.none()


class Refund(models.Model):
    """`breakdown` = {"goods", "discount", "tax", "shipping", "fee"} in the order's currency, and the units per line.

    One of nothing counts units that were free; it is over from the beginning.
    """

    class Origin(models.TextChoices):
        RETURN = "return", "Return"
        CANCELLATION = "cancellation", "Cancellation"
        MANUAL = "manual", "By hand"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="refunds")
    rma = models.ForeignKey("returns.Return", null=True, blank=True, on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=120, unique=True)
    origin = models.CharField(max_length=12, choices=Origin)
    state = models.CharField(max_length=10, choices=RefundState, default=RefundState.PENDING)
    amount = money_column()
    breakdown = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    actor_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, state="succeeded"), name="refund_is_positive_or_over"
            )
        ]
        indexes = [models.Index(fields=["state", "-id"], name="refund_by_state")]

    def __str__(self) -> str:
        return f"R-{self.pk}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.order.currency)
