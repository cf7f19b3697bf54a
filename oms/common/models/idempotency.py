"""The first answer to a request, kept so that a repeat gets the same one."""

from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    class State(models.TextChoices):
        STARTED = "started", "Started"
        DONE = "done", "Done"

    scope = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.STARTED)
    result = models.JSONField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
