"""Single units that have a number of their own."""

from django.db import models
from django.db.models.functions import Upper

from inventory.models.sku import Sku
from inventory.statuses import SerialState


class SerialQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SerialQuerySet":
        return self if user.can("inventory.view") else self.none()


class Serial(models.Model):
    """`reference` is what it last came or left with ("PO-1007", "SH-1042")."""

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="serials")
    code = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=SerialState, default=SerialState.HERE)
    reference = models.CharField(max_length=60, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = SerialQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("sku", Upper("code"), name="serial_once_a_sku")]
        indexes = [models.Index(Upper("code"), name="serial_by_code")]

    def __str__(self) -> str:
        return self.code
