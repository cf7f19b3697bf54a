"""What a kit is made of, version by version: an order keeps the one it was taken with."""

from django.db import models
from django.db.models import Q

from inventory.models.sku import Sku


class KitVersion(models.Model):
    """The recipe of `kit` from `valid_from` until the next one begins. Never edited."""

    kit = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="kit_versions")
    number = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    created_by_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kit", "number"], name="kit_version_once")]

    def __str__(self) -> str:
        return f"{self.kit_id} version {self.number}"


class KitComponent(models.Model):
    version = models.ForeignKey(KitVersion, on_delete=models.CASCADE, related_name="components")
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="in_kits")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "sku"], name="kit_component_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="kit_component_is_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku_id}"
