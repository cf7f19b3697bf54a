"""Units of an order on their way to the place where its parts meet."""

from django.db import models
from django.db.models import F, Q

from fulfillment.statuses import PartState


class Part(models.Model):
    """Units of an order line that ride on a transfer. While they come they count as waiting on the order line.

    Of `quantity` those that `arrived` were allocated where they met; all others are looked for elsewhere.
    """

    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="parts")
    sku = models.ForeignKey("inventory.Sku", on_delete=models.PROTECT, related_name="+", db_index=False)
    transfer = models.ForeignKey("inventory.Transfer", on_delete=models.PROTECT, related_name="parts", db_index=False)
    decision = models.ForeignKey(
        "fulfillment.SourcingDecision", on_delete=models.PROTECT, related_name="parts", db_index=False
    )
    state = models.CharField(max_length=10, choices=PartState, default=PartState.COMING)
    quantity = models.PositiveIntegerField()
    arrived = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "order_line"], name="part_once_a_transfer"),
            models.CheckConstraint(
                condition=Q(arrived__lte=F("quantity")) & (~Q(state="coming") | Q(quantity__gt=0, arrived=0)),
                name="part_steps_in_order",
            ),
        ]
        indexes = [models.Index(fields=["sku"], condition=Q(state="coming"), name="part_coming")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku_id} with {self.transfer_id}"
