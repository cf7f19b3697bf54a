"""What we sell, by one code each, and every barcode that means it."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse

from inventory.statuses import Tracks

UN_NUMBER = RegexValidator(r"^UN[0-9]{4}$", "Write it like UN1950.")
HAZMAT_CLASS = RegexValidator(r"^[1-9](\.[1-6])?[A-S]?$", "Write the class like 3, 2.1 or 1.4S.")
HS_CODE = RegexValidator(r"^[0-9]{6,12}$", "6 to 12 digits.")
COUNTRY = RegexValidator(r"^[A-Z]{2}$", "Two letters, DE or US.")


class SkuQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SkuQuerySet":
        return self if user.can("inventory.view") or user.can("orders.view") else self.none()

    def active(self) -> "SkuQuerySet":
        return self.filter(active=True)


class Sku(models.Model):
    """Sizes in mm and grams, of one unit as it lies on the shelf. `price` is what an agent is offered, without tax.

    Units of a lot are set aside `expiry_margin_days` before they expire; `shelf_life_days` counts from their arrival.
    """

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
    hazmat_class = models.CharField(max_length=5, blank=True, validators=[HAZMAT_CLASS])
    un_number = models.CharField(max_length=6, blank=True, validators=[UN_NUMBER])
    ships_alone = models.BooleanField(default=False)
    fragile = models.BooleanField(default=False)
    this_side_up = models.BooleanField(default=False)
    hs_code = models.CharField(max_length=12, blank=True, validators=[HS_CODE])
    origin_country = models.CharField(max_length=2, blank=True, validators=[COUNTRY])
    tracks = models.CharField(max_length=8, choices=Tracks, default=Tracks.NONE)
    shelf_life_days = models.PositiveSmallIntegerField(null=True, blank=True)
    expiry_margin_days = models.PositiveSmallIntegerField(default=0)
    is_kit = models.BooleanField(default=False, editable=False)  # has versions; written by inventory.kits
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SkuQuerySet.as_manager()

    class Meta:
        verbose_name = "SKU"
        constraints = [
            models.UniqueConstraint(Upper("code"), name="sku_code_once_in_any_case"),
            models.CheckConstraint(condition=Q(price__gte=0), name="sku_price_not_negative"),
            models.CheckConstraint(condition=Q(digital=False) | Q(tracks="none"), name="sku_digital_has_no_lots"),
        ]
        indexes = [
            GinIndex(OpClass(Upper("code"), "gin_trgm_ops"), name="sku_code_any_case"),
            GinIndex(fields=["tags"], name="sku_tags"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="sku_name_any_case"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("inventory:sku", args=[self.code])

    @property
    def has_lots(self) -> bool:
        return self.tracks == Tracks.LOT

    @property
    def has_serials(self) -> bool:
        return self.tracks == Tracks.SERIAL

    @property
    def handling(self) -> list[str]:
        """What hands have to know, in words."""
        words = ["Dangerous goods " + " ".join(filter(None, [self.hazmat_class, self.un_number]))] * self.is_hazmat
        words += ["Ships alone"] * self.ships_alone + ["Fragile"] * self.fragile
        return words + ["This side up"] * self.this_side_up

    @property
    def is_hazmat(self) -> bool:
        return bool(self.hazmat_class or self.un_number)


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
