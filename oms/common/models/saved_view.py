"""A list that somebody wants to come back to: a name and a query string."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user) -> "SavedViewQuerySet":
        return self.filter(Q(owner=user) | Q(shared=True))


class SavedView(models.Model):
    """`list_name` is the name of a `lists.List` ("orders")."""

    list_name = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_name", "owner", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name
