"""Counters, the ledger they can be rebuilt from, and units kept back for a while."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from inventory.models.location import Bin, Location
from inventory.models.lot import Lot
from inventory.models.sku import Sku
from inventory.statuses import UNDOABLE, MovementKind


class StockLevel(models.Model):
    """One SKU at one location. Written by inventory.stock alone; its lock guards the SKU's bins there as well.

    `allocated`, `reserved` and `damaged` are parts of `on_hand`; `safety` is kept out of sale and may exceed it.
    """

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="levels", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels", db_index=False)
    on_hand = models.IntegerField(default=0)
    allocated = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    damaged = models.IntegerField(default=0)
    safety = models.PositiveIntegerField(default=0)
    available = models.GeneratedField(
        expression=F("on_hand") - F("allocated") - F("reserved") - F("damaged") - F("safety"),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku", "location"], name="stock_level_once"),
            models.CheckConstraint(
                condition=Q(on_hand__gte=0, allocated__gte=0, reserved__gte=0, damaged__gte=0),
                name="stock_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("allocated") + F("reserved") + F("damaged")),
                name="stock_promised_within_on_hand",
            ),
        ]
        indexes = [models.Index(fields=["location", "sku"], name="stock_by_location")]

    def __str__(self) -> str:
        return f"{self.sku_id} at {self.location_id}"


class BinStock(models.Model):
    """Where the units of a level lie. They sum to its on_hand; those in quarantine to its damaged.

    Units of a SKU with lots whose lot nobody knows have none.
    """

    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="stock")
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="bin_stock")
    lot = models.ForeignKey(Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="bin_stock")
    quantity = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bin", "sku", "lot"], name="bin_stock_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="bin_stock_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku_id} in {self.bin_id}"


class StockMovement(models.Model):
    """The ledger: what each counter changed by, and how many units went from which bin to which. Never edited."""

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="movements", db_index=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="movements", db_index=False)
    kind = models.CharField(max_length=16, choices=MovementKind)
    on_hand = models.IntegerField(default=0)
    allocated = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    damaged = models.IntegerField(default=0)
    quantity = models.PositiveIntegerField(default=0)
    from_bin = models.ForeignKey(Bin, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_bin = models.ForeignKey(Bin, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey(
        Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="movements", db_index=False
    )
    reference = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    actor_kind = models.CharField(max_length=12)
    actor_label = models.CharField(max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    request_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["sku", "-at", "-id"], name="movement_by_sku"),
            models.Index(fields=["location", "-at", "-id"], name="movement_by_location"),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="movement_by_reference"),
            models.Index(fields=["from_bin"], condition=Q(from_bin__isnull=False), name="movement_from_bin"),
            models.Index(fields=["to_bin"], condition=Q(to_bin__isnull=False), name="movement_to_bin"),
            models.Index(fields=["lot", "-id"], condition=Q(lot__isnull=False), name="movement_by_lot"),
            models.Index(fields=["sku", "-at", "-id"], condition=~Q(reserved=0), name="movement_of_reserved"),
            models.Index(fields=["sku", "-at", "-id"], condition=~Q(damaged=0), name="movement_of_damaged"),
            models.Index(
                fields=["kind", "-id"],
                condition=~Q(kind__in=["allocated", "picked", "shipped"]),
                name="movement_of_rare_kind",
            ),
            models.Index(fields=["-id"], condition=Q(reason__gt=""), name="movement_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sku_id} at {self.location_id}"

    @property
    def is_undoable(self) -> bool:
        return self.kind in UNDOABLE and not self.undoes_id and not hasattr(self, "undone_by")


class Reservation(models.Model):
    """Units kept back for a named holder ("TR-1004", a customer on the phone) until used, dropped or expired."""

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="reservations")
    holder = models.CharField(max_length=60)
    quantity = models.PositiveIntegerField()
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "holder"], name="reservation_once_a_holder"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_holds_something"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="reservation_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.holder}"
