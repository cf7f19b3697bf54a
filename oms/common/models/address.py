"""Addresses are facts: a changed address is a new row, and what was printed on a label stays what it was."""

from dataclasses import fields

from django.db import models

from oms.common.postal import PostalAddress


class Address(models.Model):
    """Never updated (a trigger refuses it). Written by `addresses.save`."""

    name = models.CharField(max_length=160, blank=True)
    company = models.CharField(max_length=160, blank=True)
    line1 = models.CharField(max_length=200, blank=True)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.as_dataclass())

    def as_dataclass(self) -> PostalAddress:
        return PostalAddress(**{field.name: getattr(self, field.name) for field in fields(PostalAddress)})
