"""A parcel's way as its carrier tells it: all news kept, one status projected from them."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from carriers.models.account import CarrierAccount
from carriers.statuses import FINAL, MOVING, Direction, Incident, TrackingStatus


class TrackerQuerySet(models.QuerySet):
    def visible_to(self, user) -> "TrackerQuerySet":
        return self if user.can("carriers.view") or user.can("fulfillment.ship") else self.none()

    def under_way(self) -> "TrackerQuerySet":
        return self.exclude(status__in=FINAL)

    def late(self) -> "TrackerQuerySet":
        return self.filter(deliver_by__lt=timezone.now()).exclude(status__in=[*FINAL, TrackingStatus.PENDING])


class Tracker(models.Model):
    """`stale`: no news for longer than this carrier ever needs; a case asks a person to look."""

    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="trackers")
    tracking_number = models.CharField(max_length=60)
    tracking_url = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=60, blank=True, db_index=True)
    direction = models.CharField(max_length=10, choices=Direction, default=Direction.OUTBOUND)
    status = models.CharField(max_length=20, choices=TrackingStatus, default=TrackingStatus.PENDING)
    incident_reason = models.CharField(max_length=15, choices=Incident, blank=True)
    last_event_at = models.DateTimeField(null=True, blank=True)
    last_text = models.CharField(max_length=200, blank=True)
    last_place = models.CharField(max_length=120, blank=True)
    picked_up_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=120, blank=True)
    deliver_by = models.DateTimeField(null=True, blank=True)  # what was promised when the label was bought
    estimated_at = models.DateTimeField(null=True, blank=True)  # what the carrier says now
    stale = models.BooleanField(default=False)
    next_poll_at = models.DateTimeField(null=True, blank=True)
    polled_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TrackerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "tracking_number"], name="tracker_once_a_number")]
        indexes = [
            models.Index(fields=["next_poll_at"], condition=Q(next_poll_at__isnull=False), name="tracker_due"),
            models.Index(fields=["tracking_number"], name="tracker_by_number"),
            models.Index(fields=["status", "-id"], name="tracker_by_status"),
            models.Index(fields=["deliver_by", "id"], name="tracker_by_promise"),
        ]

    def __str__(self) -> str:
        return self.tracking_number

    def get_absolute_url(self) -> str:
        return reverse("carriers:tracker", args=[self.pk])

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def is_moving(self) -> bool:
        return self.status in MOVING

    @property
    def is_late(self) -> bool:
        return bool(
            self.deliver_by
            and self.deliver_by < timezone.now()
            and not self.is_final
            and self.status != TrackingStatus.PENDING
        )


class TrackingEvent(models.Model):
    """Append-only (a trigger refuses the rest). `key` is the carrier's id of the event, or a digest of what it says."""

    tracker = models.ForeignKey(Tracker, on_delete=models.PROTECT, related_name="events")
    key = models.CharField(max_length=80)
    at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=TrackingStatus)
    incident_reason = models.CharField(max_length=15, choices=Incident, blank=True)
    text = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=60, blank=True)  # in the carrier's own words
    signed_by = models.CharField(max_length=120, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tracker", "key"], name="tracking_event_once")]
        indexes = [models.Index(fields=["tracker", "-at", "-id"], name="tracking_event_story")]

    def __str__(self) -> str:
        return f"{self.tracker_id} {self.status} {self.at:%Y-%m-%d %H:%M}"
