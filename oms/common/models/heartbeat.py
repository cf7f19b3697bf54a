"""Signs of life of the processes behind the pages."""

from django.db import models
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """One row a process: `worker:<host>` for each worker, and `beat`, whose row is also its lease."""

    name = models.CharField(max_length=120, unique=True)
    holder = models.CharField(max_length=120)
    seen_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.name} ({self.holder})"
