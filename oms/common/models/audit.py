"""Who changed a setting, a channel, a carrier, a rule or a role, and from what to what."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ConfigChange(models.Model):
    """Append-only (a trigger refuses UPDATE and DELETE). Users are never deleted, so PROTECT costs nothing."""

    subject = models.CharField(max_length=120)
    verb = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=12)
    actor_label = models.CharField(max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="config_change_newest"),
            models.Index(fields=["subject", "-at"], name="config_change_by_subject"),
            models.Index(fields=["user", "-at"], name="config_change_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.verb}"

    @property
    def differences(self) -> list[tuple[str, object, object]]:
        """(field, before, after) of everything that is not the same on both sides."""
        before, after = self.before or {}, self.after or {}
        names = list(dict.fromkeys([*before, *after]))
        return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]
