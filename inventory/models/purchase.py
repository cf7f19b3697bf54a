"""What suppliers owe us."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from inventory.models.location import Location
from inventory.models.sku import Sku
from inventory.statuses import PURCHASES_DUE, PurchaseState
from oms.common.models import Address


class Supplier(models.Model):
    name = models.CharField(max_length=120, unique=True)
    email = models.EmailField(blank=True)
    lead_days = models.PositiveSmallIntegerField(default=7)
    answer_days = models.PositiveSmallIntegerField(default=2)  # to say yes or no to what goes straight to customers
    location = models.OneToOneField(
        Location, null=True, blank=True, on_delete=models.PROTECT, related_name="supplier"
    )  # what lies there they send to our customers themselves
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class PurchaseOrderQuerySet(models.QuerySet):
    def visible_to(self, user) -> "PurchaseOrderQuerySet":
        if not user.can("inventory.view"):
            return self.none()
        return self if user.all_locations else self.filter(location__staff=user)


class PurchaseOrder(models.Model):
    number = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="purchases")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="purchases")
    state = models.CharField(max_length=18, choices=PurchaseState, default=PurchaseState.DRAFT)
    expected_at = models.DateTimeField()
    note = models.TextField(blank=True)
    ships_to = models.ForeignKey(Address, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60, blank=True)  # whose goods go straight there: "FO-1001"
    accepted_at = models.DateTimeField(null=True, blank=True)
    created_by_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    ordered_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reference"],
                condition=~Q(reference="") & ~Q(state="cancelled"),
                name="one_purchase_a_reference",
            )
        ]
        indexes = [
            models.Index(
                fields=["expected_at"],
                condition=Q(state__in=["ordered", "partially_received"]),
                name="purchase_due",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:purchase", args=[self.number])

    @property
    def is_unanswered(self) -> bool:
        """It goes straight to a customer, and its supplier's days to say yes are over."""
        asked = bool(self.ships_to_id) and self.state in PURCHASES_DUE and self.accepted_at is None
        return asked and self.ordered_at + timedelta(days=self.supplier.answer_days) <= timezone.now()


class PurchaseLine(models.Model):
    """`received` counts good and damaged units; more than ordered may come, and is kept."""

    purchase = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="purchase_lines")
    ordered = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "sku"], name="purchase_line_once_a_sku"),
            models.CheckConstraint(condition=Q(ordered__gt=0), name="purchase_line_orders_something"),
            models.CheckConstraint(condition=Q(damaged__lte=F("received")), name="purchase_damaged_within_received"),
        ]

    def __str__(self) -> str:
        return f"{self.ordered} × {self.sku_id}"

    @property
    def due(self) -> int:
        return max(self.ordered - self.received, 0)
