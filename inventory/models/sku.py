"""What we sell, by one code each, and every barcode that means it."""

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse


class SkuQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SkuQuerySet":
        return self if user.can("inventory.view") or user.can("orders.view") else self.none()

    def active(self) -> "SkuQuerySet":
        return self.filter(active=True)


class Sku(models.Model):
    """Sizes in mm and grams, of one unit as it lies on the shelf. `price` is what an agent is offered, without tax."""

    code = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=14, decimal_places=3, default=Decimal("0"))
    currency = models.CharField(max_length=3, default="EUR")
    digital = models.BooleanField(default=False)
    returnable = models.BooleanField(default=True)
    weight_g = models.PositiveIntegerField(default=0)
    length_mm = models.PositiveIntegerField(default=0)
    width_mm = models.PositiveIntegerField(default=0)
    height_mm = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SkuQuerySet.as_manager()

    class Meta:
        verbose_name = "SKU"
        constraints = [
            models.UniqueConstraint(Upper("code"), name="sku_code_once_in_any_case"),
            models.CheckConstraint(condition=Q(price__gte=0), name="sku_price_not_negative"),
        ]
        indexes = [
            GinIndex(fields=["code"], opclasses=["gin_trgm_ops"], name="sku_code_trgm"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="sku_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("inventory:sku", args=[self.code])


class Download(models.Model):
    """What a buyer of a digital SKU fetches. In the database, so that every web host has it."""

    sku = models.OneToOneField(Sku, on_delete=models.CASCADE, related_name="download")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class Barcode(models.Model):
    """`quantity` units are meant by one scan of it: a carton has its own code."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="barcodes")
    code = models.CharField(max_length=80, unique=True)
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="barcode_means_something")]

    def __str__(self) -> str:
        return self.code
