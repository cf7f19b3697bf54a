"""A kit of an order: sold as one, shipped as the lines of its parts."""

from django.db import models
from django.db.models import Q

from orders.models.order import Order


class OrderKit(models.Model):
    """`version` is the recipe it was taken apart by; its money is the money of its lines, to the last thousandth.

    `unit_price` is what one cost before discounts, None where nobody wrote it down; more of them cost the same.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="kits")
    position = models.PositiveSmallIntegerField()
    external_line_id = models.CharField(max_length=120, blank=True)
    sku = models.ForeignKey("inventory.Sku", on_delete=models.PROTECT, related_name="+")
    sku_code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField()
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_kit_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_kit_orders_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku_code}"
