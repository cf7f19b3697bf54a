"""Which lot, or which unit by its number, arrived of a line."""

from django.db import models
from django.db.models import F, Q


class ReturnPiece(models.Model):
    """`received` units of one lot, or the one unit of a serial number; `decided` of them were inspected."""

    line = models.ForeignKey("returns.ReturnLine", on_delete=models.CASCADE, related_name="pieces")
    lot = models.ForeignKey("inventory.Lot", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    serial = models.ForeignKey("inventory.Serial", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    received = models.PositiveIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "lot", "serial"], name="return_piece_once_a_line", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(lot__isnull=False, serial__isnull=True) | Q(lot__isnull=True, serial__isnull=False),
                name="return_piece_is_a_lot_or_a_unit",
            ),
            models.CheckConstraint(condition=Q(received__gte=F("decided")), name="return_piece_steps_in_order"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return str(self.lot or self.serial)

    @property
    def undecided(self) -> int:
        return self.received - self.decided
