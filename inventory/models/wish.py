"""Who asked first, when more want a SKU than there is: a queue that is decided in the order in which it came."""

from django.db import models
from django.db.models import Q

from inventory.models.sku import Sku
from inventory.models.stock import StockLevel
from inventory.statuses import WishState


class Wish(models.Model):
    """Units that `holder` ("web:A-1001", a channel and its order id) wants kept. Granted ones count as reserved."""

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="wishes", db_index=False)
    holder = models.CharField(max_length=160)
    units = models.PositiveIntegerField()
    minutes = models.PositiveSmallIntegerField(default=15)  # that the units are kept once they are granted
    state = models.CharField(max_length=10, choices=WishState, default=WishState.WAITING)
    level = models.ForeignKey(
        StockLevel, null=True, blank=True, on_delete=models.PROTECT, related_name="wishes", db_index=False
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "sku"],
                condition=Q(state__in=["waiting", "granted", "used"]),
                name="wish_once_a_holder",
            ),
            models.CheckConstraint(condition=Q(units__gt=0), name="wish_for_something"),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(level__isnull=False), name="wish_granted_somewhere"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="wish_queue"),
            models.Index(fields=["expires_at"], condition=Q(state="granted"), name="wish_expiry"),
            models.Index(fields=["level"], condition=Q(state="granted"), name="wish_by_level"),
        ]

    def __str__(self) -> str:
        return f"{self.units} × {self.sku_id} for {self.holder}"
