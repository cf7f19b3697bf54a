"""What a carrier sent us, as it came: stored before anything is made of it, so that it can be read again."""

from django.db import models
from django.db.models import Q

from carriers.models.account import CarrierAccount


class CarrierMessage(models.Model):
    """`key` is the carrier's id of the delivery or a digest of the body; the same one again is only counted."""

    class State(models.TextChoices):
        NEW = "new", "Waiting"
        DONE = "done", "Read"
        FAILED = "failed", "Could not be read"

    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="messages")
    key = models.CharField(max_length=120)
    body = models.BinaryField()
    content_type = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    repeats = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="carrier_message_once")]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=Q(state="new"), name="carrier_message_waiting"),
            models.Index(fields=["account", "-received_at"], name="carrier_message_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.key}"

    @property
    def text(self) -> str:
        return bytes(self.body).decode("utf-8", "replace")
