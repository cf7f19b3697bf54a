"""Prices agreed with a carrier that has no price service: zones, a table of rates a service, and surcharges."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from carriers.models.account import CarrierAccount, Service


class Zone(models.Model):
    """Countries, or parts of them by the first characters of the postcode. `*` as a country is everywhere else."""

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="zones")
    name = models.CharField(max_length=60)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    postal_prefixes = ArrayField(models.CharField(max_length=12), default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="zone_name_once_an_account")]

    def __str__(self) -> str:
        return self.name


class RateTable(models.Model):
    """The prices of one service from a day on. The newest table that has begun is in force; older ones are kept."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="tables")
    valid_from = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "valid_from"], name="rate_table_once_a_day")]

    def __str__(self) -> str:
        return f"{self.service} from {self.valid_from}"


class Rate(models.Model):
    """A parcel of up to this weight to this zone costs this much, in the account's currency."""

    table = models.ForeignKey(RateTable, on_delete=models.CASCADE, related_name="rates")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="rates")
    max_weight_g = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=14, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "zone", "max_weight_g"], name="rate_cell_once"),
            models.CheckConstraint(condition=Q(max_weight_g__gt=0) & Q(price__gte=0), name="rate_cell_makes_sense"),
        ]

    def __str__(self) -> str:
        return f"{self.zone} to {self.max_weight_g} g"


class Surcharge(models.Model):
    """Added to the rate of each parcel that meets every condition set here. A condition left empty is met."""

    class Kind(models.TextChoices):
        FUEL = "fuel", "Fuel"
        RESIDENTIAL = "residential", "Delivery to a home"
        REMOTE = "remote", "Remote area"
        OVERSIZE = "oversize", "Large parcel"
        OVERWEIGHT = "overweight", "Heavy parcel"
        INSURANCE = "insurance", "Insurance"
        PEAK = "peak", "Peak season"
        OTHER = "other", "Other"

    class Basis(models.TextChoices):
        FIXED = "fixed", "Amount a parcel"
        RATE = "rate", "% of the rate"
        TOTAL = "total", "% of rate and fixed surcharges"
        VALUE = "value", "% of the value of the goods"

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="surcharges")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.CASCADE, related_name="surcharges")
    kind = models.CharField(max_length=15, choices=Kind)
    name = models.CharField(max_length=60)
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.FIXED)
    amount = models.DecimalField(max_digits=14, decimal_places=3)  # money, or per cent
    residential_only = models.BooleanField(default=False)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    postal_prefixes = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    above_weight_g = models.PositiveIntegerField(null=True, blank=True)
    above_length_mm = models.PositiveIntegerField(null=True, blank=True)
    above_girth_mm = models.PositiveIntegerField(null=True, blank=True)
    above_value = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    from_date = models.DateField(null=True, blank=True)
    to_date = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="surcharge_not_negative")]

    def __str__(self) -> str:
        return self.name
