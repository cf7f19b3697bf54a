"""Where stock lies: warehouses and stores, and their bins."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from inventory.statuses import BinKind, LocationKind
from oms.common.models import Address


def check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as e:
        raise ValidationError(f"{name} is not a time zone. Write it like Europe/Berlin.") from e


class LocationQuerySet(models.QuerySet):
    def active(self) -> "LocationQuerySet":
        return self.filter(active=True)

    def visible_to(self, user) -> "LocationQuerySet":
        """The user's locations, or all of them for people without a location limit."""
        return self if user.all_locations else self.filter(staff=user)


class Location(models.Model):
    """`cut_off` is the time on the local clock by which work must be ready to leave the same day.

    A difference of a count beyond `recount_units` and `recount_percent` of the books, or worth more than
    `recount_value` at the SKUs' prices, is counted again by another person.
    """

    Kind = LocationKind

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=LocationKind, default=LocationKind.WAREHOUSE)
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="+")
    time_zone = models.CharField(max_length=40, default="UTC", validators=[check_time_zone])
    cut_off = models.TimeField(default="16:00")
    ships = models.BooleanField(default=True)
    collects = models.BooleanField(default=False)
    capacity = models.PositiveIntegerField(null=True, blank=True)  # units a day, no limit when empty
    priority = models.PositiveSmallIntegerField(default=0)  # among equals the higher one is asked first
    active = models.BooleanField(default=True)
    recount_units = models.PositiveIntegerField(default=1)
    recount_percent = models.PositiveSmallIntegerField(default=2)
    recount_value = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    staff = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="locations")

    objects = LocationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="transit") | Q(ships=False, collects=False), name="location_in_transit_gives_nothing"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Bin(models.Model):
    """`pick_sequence` is its place in the walk, rising. `capacity` (units) and `litres` limit what is put in."""

    Kind = BinKind

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="bins")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=BinKind, default=BinKind.SHELF)
    zone = models.CharField(max_length=40, blank=True)
    pick_sequence = models.PositiveIntegerField(default=0)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    litres = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "code"], name="bin_code_once_a_location"),
            models.UniqueConstraint(
                fields=["location", "kind"], condition=~Q(kind="shelf"), name="one_bin_of_each_service_kind"
            ),
        ]
        indexes = [models.Index(fields=["location", "pick_sequence", "id"], name="bin_walk")]

    def __str__(self) -> str:
        return self.code
