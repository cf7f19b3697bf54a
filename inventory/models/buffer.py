"""Units that are not offered to a channel, though they could be promised."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from inventory.models.sku import Sku


class ChannelBuffer(models.Model):
    """`units` or `percent` of what can be sold, the larger of both, is kept back from the channel of that code.

    Of one SKU, or of all that have no rule of their own.
    """

    channel = models.CharField(max_length=40)
    sku = models.ForeignKey(Sku, null=True, blank=True, on_delete=models.CASCADE, related_name="buffers")
    units = models.PositiveIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("channel"), "sku", name="channel_buffer_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(percent__lte=100) & (Q(units__gt=0) | Q(percent__gt=0)),
                name="channel_buffer_keeps_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.said}"

    @property
    def said(self) -> str:
        return " or ".join([f"{self.units} units"] * bool(self.units) + [f"{self.percent} %"] * bool(self.percent))

    def kept_of(self, units: int) -> int:
        """Of so many units."""
        return min(max(self.units, -(-units * self.percent // 100)), units)
