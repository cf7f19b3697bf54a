"""Something that a person must decide, with a clock and one suggested action."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class CaseQuerySet(models.QuerySet):
    def unresolved(self) -> "CaseQuerySet":
        return self.exclude(state=ExceptionCase.State.RESOLVED)

    def needing_attention(self) -> "CaseQuerySet":
        """Open, or snoozed until a time that has come."""
        return self.unresolved().filter(Q(state=ExceptionCase.State.OPEN) | Q(snoozed_until__lte=timezone.now()))

    def late(self) -> "CaseQuerySet":
        return self.unresolved().filter(due_at__lt=timezone.now())


class ExceptionCase(models.Model):
    """`subject` names the object ("order:1042"); `key` the trouble: one unresolved case a key."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SNOOZED = "snoozed", "Snoozed"
        RESOLVED = "resolved", "Resolved"

    class Severity(models.TextChoices):
        LOW = "low", "Low"
        NORMAL = "normal", "Normal"
        HIGH = "high", "High"
        CRITICAL = "critical", "Critical"

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    key = models.CharField(max_length=160)
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    action_label = models.CharField(max_length=60, blank=True)
    action_url = models.CharField(max_length=300, blank=True)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.NORMAL)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    occurrences = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    opened_by_label = models.CharField(max_length=120)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by_label = models.CharField(max_length=120, blank=True)
    resolution = models.TextField(blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(state="resolved"), name="one_unresolved_case_a_key")
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=~Q(state="resolved"), name="case_by_clock"),
            models.Index(fields=["subject"], name="case_by_subject"),
            models.Index(fields=["-opened_at", "-id"], name="case_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_resolved(self) -> bool:
        return self.state == self.State.RESOLVED

    @property
    def is_late(self) -> bool:
        return not self.is_resolved and self.due_at is not None and self.due_at < timezone.now()
