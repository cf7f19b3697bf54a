"""Policies are data with versions: orders keep the one in force when they were placed, so a change makes a new one."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from oms.common import audit
from oms.common.errors import Invalid, Refused
from oms.common.locking import lock
from returns.models import ReturnPolicy

FACTS = ("name", "countries", "window_days", "final_sale_skus", "fee", "free_reasons", "refund_shipping")
FACTS += ("auto_approve", "rma_valid_days", "label_included", "position")


class PolicyOver(Refused):
    code = "policy_over"


@transaction.atomic
def create(facts: Mapping[str, Any], *, by: Any) -> ReturnPolicy:
    """In force from now. Raises Invalid when a policy of that name is."""
    if ReturnPolicy.objects.filter(name__iexact=facts["name"]).exists():
        raise Invalid(f"There is a policy {facts['name']} already.", field="name")
    policy = ReturnPolicy.objects.create(**facts, valid_from=timezone.now())
    audit.record_change(policy, None, audit.facts(policy, *FACTS), by=by)
    return policy


@transaction.atomic
def change(policy: ReturnPolicy, facts: Mapping[str, Any], *, by: Any) -> ReturnPolicy:
    """The next version, in force from now; the one before still counts for orders placed until now."""
    old = _in_force(policy)
    taken = ReturnPolicy.objects.filter(name__iexact=facts["name"]).exclude(name=old.name)
    if taken.exists():
        raise Invalid(f"There is a policy {facts['name']} already.", field="name")
    before = audit.facts(old, *FACTS)
    if all(getattr(old, name) == facts[name] for name in facts):
        return old
    old.valid_until = timezone.now()
    old.save(update_fields=["valid_until"])
    new = ReturnPolicy.objects.create(**facts, version=old.version + 1, valid_from=old.valid_until)
    audit.record_change(new, before, audit.facts(new, *FACTS), by=by)
    return new


@transaction.atomic
def end(policy: ReturnPolicy, *, by: Any) -> ReturnPolicy:
    """Orders placed from now on are not covered by it. Quiet the second time."""
    policy = lock(ReturnPolicy.objects.filter(pk=policy.pk))[0]
    if policy.valid_until is None:
        policy.valid_until = timezone.now()
        policy.save(update_fields=["valid_until"])
        audit.record_change(policy, audit.facts(policy, *FACTS), None, by=by)
    return policy


def _in_force(policy: ReturnPolicy) -> ReturnPolicy:
    policy = lock(ReturnPolicy.objects.filter(pk=policy.pk))[0]
    if policy.valid_until is not None:
        raise PolicyOver(f"{policy} is over. Change the version in force instead.")
    return policy
