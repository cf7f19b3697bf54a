"""Sourcing rules in order. A version is never edited: each change makes the next one, a draft until it is used."""

from django.db import models
from django.db.models import Q

from fulfillment.statuses import RuleSetState


class SourcingRuleSet(models.Model):
    """One version of all rules. `change` says in words what is different from the version it was made from."""

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=RuleSetState, default=RuleSetState.DRAFT)
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    change = models.CharField(max_length=200)
    made_by = models.CharField(max_length=120)
    made_at = models.DateTimeField(auto_now_add=True)
    used_by = models.CharField(max_length=120, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="live"), name="one_rule_set_in_use"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="one_draft_of_rules"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class SourcingRule(models.Model):
    """`key` stays the same from version to version; `fulfillment.rules.terms` says how the rest is written."""

    rule_set = models.ForeignKey(SourcingRuleSet, on_delete=models.CASCADE, related_name="rules")
    key = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    stops = models.BooleanField(default=False)
    conditions = models.JSONField(default=list)
    effects = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "key"], name="sourcing_rule_once_a_version"),
            models.UniqueConstraint(fields=["rule_set", "position"], name="sourcing_rule_has_its_place"),
        ]

    def __str__(self) -> str:
        return self.name
