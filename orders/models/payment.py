"""Money facts: what was paid, what a promo code gave."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from orders.models.order import money_column


class Payment(models.Model):
    """A fact that a channel or a person told us. `amount` in the order's currency."""

    class Kind(models.TextChoices):
        AUTHORISED = "authorised", "Authorised"
        PAID = "paid", "Paid"

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="payments")
    kind = models.CharField(max_length=12, choices=Kind)
    amount = money_column()
    reference = models.CharField(max_length=120, blank=True)
    tender = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
            models.UniqueConstraint(
                fields=["order", "kind", "reference"], condition=~Q(reference=""), name="payment_reference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class PromoCode(models.Model):
    class Kind(models.TextChoices):
        PERCENT = "percent", "Percent off goods"
        AMOUNT = "amount", "Amount off goods"
        FREE_SHIPPING = "free_shipping", "Free shipping"

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=14, choices=Kind)
    value = money_column()  # percent, or an amount in `currency`
    currency = models.CharField(max_length=3, blank=True)
    minimum = money_column()  # goods after line discounts
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True)
    per_customer_limit = models.PositiveIntegerField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("code"), name="promo_code_once"),
            models.CheckConstraint(
                condition=Q(usage_limit=None) | Q(used__lte=F("usage_limit")), name="promo_used_within_limit"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PromoUse(models.Model):
    """A code redeemed by an order, once; given back when the order is cancelled whole."""

    promo = models.ForeignKey(PromoCode, on_delete=models.PROTECT, related_name="uses")
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="promo_uses")
    amount = money_column()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["promo", "order"], name="promo_once_per_order")]


class RiskRule(models.Model):
    """Risk as data: every signal that fires adds points; a rule set's threshold places a hold that lists them."""

    name = models.CharField(max_length=80, unique=True)
    fact = models.CharField(max_length=40)  # a key of orders.risk.FACTS
    operator = models.CharField(max_length=10)
    value = models.CharField(max_length=200)
    points = models.SmallIntegerField(default=10)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
