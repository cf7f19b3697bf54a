"""Where orders come from, and every payload exactly as it came."""

from django.db import models
from django.db.models import Q

from oms.common.fields import EncryptedJSONField
from orders.statuses import InboundState


class Channel(models.Model):
    """A place where orders are taken. `token` is the unguessable part of its webhook address."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)  # a key of orders.channels.REGISTRY
    currency = models.CharField(max_length=3, default="EUR")
    token = models.CharField(max_length=64, unique=True)
    credentials = EncryptedJSONField(purpose="orders.Channel.credentials", default=dict, blank=True)
    config = models.JSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class InboundMessage(models.Model):
    """A raw payload, stored before it is answered. The same event id or body again is counted, not stored twice."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    event_id = models.CharField(max_length=200, blank=True)
    topic = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    state = models.CharField(max_length=12, choices=InboundState, default=InboundState.NEW)
    outcome = models.TextField(blank=True)
    repeats = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    order = models.ForeignKey("orders.Order", null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "event_id"], condition=~Q(event_id=""), name="inbound_event_once"
            ),
            models.UniqueConstraint(
                fields=["channel", "sha256"], condition=Q(event_id=""), name="inbound_body_once_without_event_id"
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "-received_at"], name="inbound_by_channel"),
            models.Index(fields=["received_at"], condition=~Q(state="processed"), name="inbound_unprocessed"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}:{self.event_id or self.sha256[:12]}"
