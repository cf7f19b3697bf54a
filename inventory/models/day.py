"""What each day changed, added up once the day is over: the ledger is never edited, so these rows stay true."""

from django.db import models

from inventory.models.sku import Sku


class StockDay(models.Model):
    """One SKU over all places on one day (UTC). Written by inventory.days alone."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    on_hand = models.IntegerField(default=0)
    promised = models.IntegerField(default=0)  # allocated, reserved and damaged together
    shipped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku", "day"], name="stock_day_once")]
        indexes = [models.Index(fields=["day"], name="stock_day_last")]

    def __str__(self) -> str:
        return f"{self.sku_id} on {self.day}"
