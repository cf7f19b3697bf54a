"""An amendment: a change set that is built, previewed and confirmed whole. One open per order."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.statuses import ChangeState


class OrderChange(models.Model):
    """`base_version` is the order's version that the author saw; `preview` what was shown to them."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=12, choices=ChangeState, default=ChangeState.EDITING)
    base_version = models.PositiveIntegerField()
    preview = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="editing"), name="one_open_change_per_order")
        ]

    def __str__(self) -> str:
        return f"Change {self.pk} of {self.order_id}"


class OrderChangeAction(models.Model):
    class Kind(models.TextChoices):
        SET_QUANTITY = "set_quantity", "Quantity"
        ADD_LINE = "add_line", "Added line"
        SET_KIT = "set_kit", "Kits"
        SET_PRICE = "set_price", "Price"
        SET_ADDRESS = "set_address", "Address"
        SET_METHOD = "set_method", "Method"
        SET_CONTACT = "set_contact", "Contact"
        SET_SHIPPING = "set_shipping", "Shipping charge"

    change = models.ForeignKey(OrderChange, on_delete=models.CASCADE, related_name="actions")
    kind = models.CharField(max_length=14, choices=Kind)
    line = models.ForeignKey("orders.OrderLine", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    payload = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.kind
