"""Units that were made together and expire together."""

from datetime import date, timedelta

from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone

from inventory.models.sku import Sku


class LotQuerySet(models.QuerySet):
    def visible_to(self, user) -> "LotQuerySet":
        return self if user.can("inventory.view") else self.none()


class Lot(models.Model):
    """`code` is what the maker printed on it."""

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="lots")
    code = models.CharField(max_length=40)
    expires_on = models.DateField(null=True, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint("sku", Upper("code"), name="lot_code_once_a_sku")]
        indexes = [models.Index(fields=["expires_on", "id"], name="lot_by_expiry")]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("inventory:lot", args=[self.pk])

    @property
    def last_day_for_sale(self) -> date | None:
        """After it the units are set aside."""
        return self.expires_on and self.expires_on - timedelta(days=self.sku.expiry_margin_days)

    @property
    def is_over(self) -> bool:
        return bool(self.expires_on) and self.last_day_for_sale < timezone.localdate()
