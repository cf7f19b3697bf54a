"""Counts of bins: who counted what, beside what the books said at that moment."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from inventory.models.location import Bin, Location
from inventory.models.lot import Lot
from inventory.models.sku import Sku
from inventory.statuses import BEING_COUNTED, CountCause, CountedBinState, CountState


class CycleCountQuerySet(models.QuerySet):
    def visible_to(self, user) -> "CycleCountQuerySet":
        if not user.can("inventory.view"):
            return self.none()
        return self if user.all_locations else self.filter(location__staff=user)


class CycleCount(models.Model):
    number = models.CharField(max_length=20, unique=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="counts")
    state = models.CharField(max_length=10, choices=CountState, default=CountState.OPEN)
    cause = models.CharField(max_length=10, choices=CountCause, default=CountCause.PLANNED)
    note = models.TextField(blank=True)
    created_by_label = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_by_label = models.CharField(max_length=120, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CycleCountQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["location", "created_at"], condition=Q(state__in=["open", "review"]), name="cycle_count_open"
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:count", args=[self.number])


class CountedBin(models.Model):
    """A bin of a count, whole or for one SKU only. `counter` has it in hand until `counting_until`."""

    count = models.ForeignKey(CycleCount, on_delete=models.CASCADE, related_name="bins")
    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="counted")
    sku = models.ForeignKey(Sku, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=CountedBinState, default=CountedBinState.WAITING)
    counter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    counting_until = models.DateTimeField(null=True, blank=True)
    first_counter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    round = models.PositiveSmallIntegerField(default=1)
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bin"], condition=Q(state__in=[str(s) for s in BEING_COUNTED]), name="one_open_count_a_bin"
            ),
        ]

    def __str__(self) -> str:
        return self.bin.code

    @property
    def is_open(self) -> bool:
        return self.state in BEING_COUNTED


class CountLine(models.Model):
    """`expected` is what the books held in the bin when `counted` was said. The difference is what will be posted.

    SKUs with lots have a line each lot, and one without for units that carry none.
    """

    counted_bin = models.ForeignKey(CountedBin, on_delete=models.CASCADE, related_name="lines")
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    expected = models.IntegerField()
    counted = models.PositiveIntegerField()
    counter_label = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now=True)
    difference = models.GeneratedField(
        expression=F("counted") - F("expected"), output_field=models.IntegerField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counted_bin", "sku", "lot", "round"], name="count_line_once_a_round", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.counted} × {self.sku_id}"
