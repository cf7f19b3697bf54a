"""A hold: a reason with an author that blocks named verbs. Several at once; none is a state of the order."""

from django.db import models
from django.db.models import Q

from oms.common.models import HoldBase
from orders.statuses import HOLD_BLOCKS, HoldType


class Hold(HoldBase):
    """`problems` lists what to fix, each `{"field", "message"}`, for the page that fixes it in place."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="holds")
    line = models.ForeignKey("orders.OrderLine", null=True, blank=True, on_delete=models.CASCADE, related_name="holds")
    type = models.CharField(max_length=20, choices=HoldType)
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "type"], condition=Q(state="active", line=None), name="one_active_hold_of_a_type"
            ),
        ]
        indexes = [models.Index(fields=["review_at"], condition=Q(state="active"), name="hold_review")]

    def __str__(self) -> str:
        return f"{self.get_type_display()} on {self.order_id}"

    @property
    def blocks(self) -> frozenset[str]:
        return HOLD_BLOCKS[self.type]
