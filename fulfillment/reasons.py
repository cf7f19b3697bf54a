"""Why here: the words of a decision, made from its facts when somebody asks. The same facts give the same words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fulfillment import directory
from fulfillment.models import SourcingDecision
from fulfillment.routing import engine
from fulfillment.rules import keeping


@dataclass(frozen=True)
class Reasons:
    """As dictionaries of `Candidate` and `Alternative`."""

    candidates: Sequence[dict[str, Any]] = ()
    alternatives: Sequence[dict[str, Any]] = ()


def of(decision: SourcingDecision) -> Reasons:
    """What was written with it, or else planned again. Nothing when planning decides otherwise by now."""
    told = decision.facts
    if decision.candidates or "policy" not in told:
        return Reasons(decision.candidates, told.get("alternatives", ()))
    plan = engine.plan(keeping.facts_from(told, directory.names(), channel=decision.order.channel.name))
    if plan.by_place() != {row["location_id"]: row["units"] for row in decision.chosen}:
        return Reasons()
    return Reasons([one.as_dict() for one in plan.candidates], [one.as_dict() for one in plan.alternatives])
