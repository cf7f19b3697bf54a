"""What carriers offered when we asked: kept to explain a choice, and to stand in for a carrier that is late."""

from django.db import models

from carriers.models.account import CarrierAccount
from oms.common.money import Money


class RateQuote(models.Model):
    """`lane` is where from, where to and how heavy, coarsely: parcels that would cost about the same."""

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="quotes")
    lane = models.CharField(max_length=64)
    service_code = models.CharField(max_length=60)
    service_name = models.CharField(max_length=120)
    price = models.DecimalField(max_digits=14, decimal_places=3)
    currency = models.CharField(max_length=3)
    breakdown = models.JSONField(default=dict)
    transit_days = models.PositiveSmallIntegerField(null=True, blank=True)
    deliver_by = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)  # how long the carrier took
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "lane", "-created_at"], name="quote_newest_of_lane"),
            models.Index(fields=["created_at"], name="quote_age"),
        ]

    def __str__(self) -> str:
        return f"{self.service_name} {self.money}"

    @property
    def money(self) -> Money:
        return Money(self.price, self.currency)
