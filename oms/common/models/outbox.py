"""Messages to the outside, stored in the transaction of the fact that they tell."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class OutboxMessage(models.Model):
    """Leased by database time; delivered at least once. Within a `group` the next waits for the one before."""

    class State(models.TextChoices):
        NEW = "new", "Waiting"
        RETRY = "retry", "Will be tried again"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Given up"

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    group = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    last_error = models.TextField(blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="outbox_key_once")]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state__in=["new", "retry"]), name="outbox_due"),
            models.Index(fields=["group", "id"], condition=Q(state__in=["new", "retry"]), name="outbox_group_order"),
            models.Index(fields=["-id"], condition=Q(state="dead"), name="outbox_dead"),
            models.Index(fields=["delivered_at"], condition=Q(state="delivered"), name="outbox_delivered"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"

    @property
    def is_dead(self) -> bool:
        return self.state == self.State.DEAD
