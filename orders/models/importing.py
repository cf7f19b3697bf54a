"""A file of orders on its way in: every row with its verdict, so that nothing is skipped in silence."""

from django.conf import settings
from django.db import models

from orders.statuses import ImportState


class ImportRun(models.Model):
    channel = models.ForeignKey("orders.Channel", on_delete=models.PROTECT, related_name="imports")
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.CHECKING)
    mapping = models.JSONField(default=dict, blank=True)
    source = models.BinaryField()
    message = models.TextField(blank=True)
    job = models.ForeignKey("common.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.filename


class ImportRow(models.Model):
    """One order of the file (one or more lines of it)."""

    class Verdict(models.TextChoices):
        CREATE = "create", "Will be created"
        SAME = "same", "Already here"
        FAIL = "fail", "Has errors"
        CREATED = "created", "Created"
        UNDONE = "undone", "Undone"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    first_line = models.PositiveIntegerField()
    external_id = models.CharField(max_length=120, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict)
    problems = models.JSONField(default=list, blank=True)
    data = models.JSONField(default=dict)
    order = models.ForeignKey("orders.Order", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "first_line"], name="import_row_once")]
