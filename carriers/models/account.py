"""A contract with a carrier: who signs in, in which currency it bills, and which of its services we use."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import get_random_string

from carriers.statuses import Health, LabelFormat
from oms.common.fields import EncryptedJSONField

WORKING_DAYS = (0, 1, 2, 3, 4)


def new_webhook_token() -> str:
    return get_random_string(40)


class CarrierAccountQuerySet(models.QuerySet):
    def visible_to(self, user) -> "CarrierAccountQuerySet":
        return self if user.can("carriers.view") else self.none()

    def active(self) -> "CarrierAccountQuerySet":
        return self.filter(active=True)


class CarrierAccount(models.Model):
    """`config` holds the provider's plain settings; `credentials` its secrets (write-only in forms, encrypted)."""

    name = models.CharField(max_length=80, unique=True)
    provider = models.CharField(max_length=30)
    credentials = EncryptedJSONField(default=dict, blank=True, purpose="carriers.CarrierAccount.credentials")
    config = models.JSONField(default=dict, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    active = models.BooleanField(default=True)
    dim_divisor = models.PositiveIntegerField(default=5000, validators=[MinValueValidator(1)])  # cm³ a kilogram
    label_format = models.CharField(max_length=10, choices=LabelFormat, default=LabelFormat.PDF_4X6)
    label_limit = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    daily_limit = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    webhook_token = models.CharField(max_length=64, unique=True, default=new_webhook_token)
    health = models.CharField(max_length=15, choices=Health, default=Health.UNTESTED)
    health_message = models.CharField(max_length=300, blank=True)
    health_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row, since it last answered
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CarrierAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(dim_divisor__gt=0), name="account_dim_divisor_positive")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("carriers:show", args=[self.pk])


class Service(models.Model):
    """What the carrier sells under a code. `cut_off` is read on the clock of the place the parcel leaves from."""

    class Scope(models.TextChoices):
        DOMESTIC = "domestic", "Inside the country"
        INTERNATIONAL = "international", "To other countries"
        BOTH = "both", "Both"

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="services")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    transit_min_days = models.PositiveSmallIntegerField(default=1)
    transit_max_days = models.PositiveSmallIntegerField(default=2)
    cut_off = models.TimeField(null=True, blank=True)
    saturday = models.BooleanField(default=False)  # Saturdays count as working days
    scope = models.CharField(max_length=15, choices=Scope, default=Scope.BOTH)
    returns = models.BooleanField(default=True)  # also sold for parcels that come back
    max_weight_g = models.PositiveIntegerField(default=30000)
    max_length_mm = models.PositiveIntegerField(null=True, blank=True)
    max_girth_mm = models.PositiveIntegerField(null=True, blank=True)  # length + twice width + twice height
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "code"], name="service_code_once_an_account"),
            models.CheckConstraint(
                condition=Q(transit_max_days__gte=models.F("transit_min_days")), name="service_transit_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name
