"""When to buy again, from whom, and in what packs."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from inventory.models.location import Location
from inventory.models.purchase import Supplier
from inventory.models.sku import Sku


class SupplierItem(models.Model):
    """What a supplier calls our SKU and asks for one unit of it; sold by the pack, at least `minimum` units."""

    supplier = models.ForeignKey(Supplier, on_delete=models.CASCADE, related_name="items")
    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="supplier_items")
    code = models.CharField(max_length=80, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=3, default=Decimal("0"))
    currency = models.CharField(max_length=3, default="EUR")
    pack = models.PositiveIntegerField(default=1)
    minimum = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "sku"], name="supplier_item_once"),
            models.CheckConstraint(
                condition=Q(pack__gt=0, minimum__gt=0, cost__gte=0), name="supplier_item_sold_in_packs"
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.sku.code


class ReorderRule(models.Model):
    """At or below `point` units, buy up to `target`, at least `minimum`, in whole `multiple`s (layers, pallets).

    Without a rule's own days the supplier's are used.
    """

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="reorder_rules")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="reorder_rules")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="reorder_rules")
    point = models.PositiveIntegerField()
    target = models.PositiveIntegerField()
    minimum = models.PositiveIntegerField(default=1)
    multiple = models.PositiveIntegerField(default=1)
    lead_days = models.PositiveSmallIntegerField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku", "location"], name="reorder_rule_once"),
            models.CheckConstraint(condition=Q(target__gt=F("point")), name="reorder_target_above_point"),
            models.CheckConstraint(condition=Q(multiple__gt=0, minimum__gt=0), name="reorder_in_whole_multiples"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} at {self.location}"

    @property
    def days(self) -> int:
        return self.supplier.lead_days if self.lead_days is None else self.lead_days
