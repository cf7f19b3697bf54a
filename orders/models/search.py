"""What an order is found by, beside the order: its states change all day, its words hardly ever."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from orders.models.order import Order


class OrderSearch(models.Model):
    """`text` is every word in lower case; `phone` its digits, the last one first, for people know the end."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="search")
    text = models.TextField()
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            GinIndex(fields=["text"], opclasses=["gin_trgm_ops"], name="order_search"),
            models.Index(
                fields=["phone"],
                opclasses=["varchar_pattern_ops"],
                condition=Q(phone__gt=""),
                name="order_search_phone",
            ),
        ]

    def __str__(self) -> str:
        return self.text
