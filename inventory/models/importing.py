"""Files of SKUs, bins and stock on their way in: every row with its verdict, before anything is changed and after."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from inventory.statuses import AdjustmentReason, ImportKind, ImportMode, ImportState, RowVerdict


class StockImport(models.Model):
    """`columns` are those of the file that are known; an empty cell leaves what is there."""

    kind = models.CharField(max_length=5, choices=ImportKind)
    mode = models.CharField(max_length=3, choices=ImportMode, default=ImportMode.SET)
    reason = models.CharField(max_length=12, choices=AdjustmentReason, default=AdjustmentReason.COUNTED)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.PREVIEW)
    job = models.ForeignKey("common.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "sha256"], name="stock_import_file")]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("inventory:import", args=[self.pk])

    @property
    def reference(self) -> str:
        """How the ledger names it."""
        return f"IMP-{self.pk}"


class StockImportRow(models.Model):
    """`changes` holds what it was and becomes, by name."""

    run = models.ForeignKey(StockImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=170, blank=True)
    data = models.JSONField(default=dict)
    verdict = models.CharField(max_length=6, choices=RowVerdict)
    changes = models.JSONField(default=dict, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="stock_import_row_once")]
        indexes = [models.Index(fields=["run", "verdict", "line"], name="stock_import_by_verdict")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.line}"
