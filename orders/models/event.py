"""The timeline: ordered, append-only facts about an order, written in the transaction of the fact."""

from django.conf import settings
from django.db import models


class OrderEvent(models.Model):
    """`verb` is noun.past_participle; `before`/`after` hold only what changed."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)
    actor_kind = models.CharField(max_length=12)
    actor_label = models.CharField(max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    particulars = models.JSONField(default=dict, blank=True)
    customer_visible = models.BooleanField(default=False)
    request_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="order_event_seq_once")]

    def __str__(self) -> str:
        return f"{self.order_id} #{self.seq} {self.verb}"


class Note(models.Model):
    """What a colleague wants to remember. Internal unless said otherwise."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="notes")
    body = models.TextField()
    pinned = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_label = models.CharField(max_length=120)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.body[:60]
