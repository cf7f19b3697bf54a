"""Who buys."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper


class Customer(models.Model):
    """A buyer, known by e-mail where there is one."""

    name = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="customer_email_once")]
        indexes = [
            GinIndex(
                *(OpClass(Upper(name), "gin_trgm_ops") for name in ("name", "email", "phone")), name="customer_search"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or f"Customer {self.pk}"
