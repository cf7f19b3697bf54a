"""Stock on its way from one of our locations to another."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from inventory.models.location import Location
from inventory.models.sku import Sku
from inventory.statuses import TransferState


class TransferQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TransferQuerySet":
        if not user.can("inventory.view"):
            return self.none()
        if user.all_locations:
            return self
        return self.filter(Q(origin__staff=user) | Q(destination__staff=user)).distinct()


class Transfer(models.Model):
    """Planned units are reserved at the origin under the transfer's number; shipped ones belong to nobody's stock."""

    number = models.CharField(max_length=20, unique=True)
    origin = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="transfers_out")
    destination = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="transfers_in")
    state = models.CharField(max_length=10, choices=TransferState, default=TransferState.DRAFT)
    expected_at = models.DateTimeField()
    note = models.TextField(blank=True)
    created_by_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(origin=F("destination")), name="transfer_between_two_places")
        ]
        indexes = [
            models.Index(fields=["expected_at"], condition=Q(state__in=["draft", "shipped"]), name="transfer_due")
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:transfer", args=[self.number])


class TransferLine(models.Model):
    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE, related_name="lines")
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="transfer_lines")
    quantity = models.PositiveIntegerField()
    shipped = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "sku"], name="transfer_line_once_a_sku"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, shipped__lte=F("quantity"), received__lte=F("shipped")),
                name="transfer_line_steps_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku_id}"
