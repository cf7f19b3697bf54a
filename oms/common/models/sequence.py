"""A counter row for numbers that may have no gaps."""

from django.db import models


class Sequence(models.Model):
    """`value` is the last number given out."""

    name = models.CharField(max_length=60, unique=True)
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
