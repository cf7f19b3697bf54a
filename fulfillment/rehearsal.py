"""A trial run of rules: the newest orders are planned again, each alone with what was there when it was planned.

Nothing is promised and no stock is touched: it reads decisions, and writes the figures into its job.
"""

import logging
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from fulfillment import dealing, directory, meeting, signals, sourcing
from fulfillment.models import SourcingDecision, SourcingRuleSet
from fulfillment.routing import engine
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Plan
from fulfillment.rules import keeping, reading
from fulfillment.rules.applying import policy_for
from fulfillment.rules.reading import Asking
from oms.common import jobs
from oms.common.errors import Refused
from oms.common.models import Job

log = logging.getLogger(__name__)
KIND = "rehearsal"
MOST = 500
LOOKED_THROUGH = 4  # decisions a wanted order: some were made by hand, or of the same order
STEP = 50
NOT_ALONE = (sourcing.BY_HAND, dealing.TOGETHER)  # decisions that had other reasons than the order's own
FIGURES = ("parcels", "cost", "late", "waiting")
Figures = dict[str, Any]


@dataclass
class Sum:
    """Then and now over all orders."""

    orders: int = 0
    then: Figures = field(default_factory=lambda: dict.fromkeys(FIGURES, 0))
    now: Figures = field(default_factory=lambda: dict.fromkeys(FIGURES, 0))
    changed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, decision: SourcingDecision, then: Figures, now: Figures) -> None:
        self.orders += 1
        for total, figures in ((self.then, then), (self.now, now)):
            for name in FIGURES:
                total[name] += Decimal(figures[name]) if name == "cost" else int(figures[name])
        if (then["units"], then.get("meets")) != (now["units"], now.get("meets")):
            self.changed.append({"order": decision.order.number, "then": then, "now": now})

    def told(self) -> dict[str, Any]:
        plain = [{**figures, "cost": str(figures["cost"])} for figures in (self.then, self.now)]
        return {"orders": self.orders, "then": plain[0], "now": plain[1], "changed": self.changed}


def start(rule_set: SourcingRuleSet, *, orders: int, by: Any) -> Job:
    """A worker does it; the job's page tells how far it is."""
    if not 1 <= orders <= MOST:
        raise Refused(f"From 1 to {MOST} orders can be rehearsed.")
    job = jobs.start(KIND, total=orders, by=by, version=rule_set.number, orders=orders)
    signals.want_job(KIND, job.pk)
    return job


def run(job_id: int) -> Job:
    """The worker's part. It may be done again: it reads, and its job ends once."""
    job = Job.objects.get(pk=job_id)
    if job.is_running:
        try:
            told = rehearse(SourcingRuleSet.objects.get(number=job.data["version"]), job.data["orders"], job).told()
            page = f"/sourcing-rules/rehearsals/{job.pk}/"
            jobs.finish(job, message=_message(told), result=told, result_url=page)
        except Exception:
            log.exception("rehearsal %s failed", job_id)
            jobs.fail(job, "It could not be finished; the log says why. Start another one.")
    return job


def rehearse(rule_set: SourcingRuleSet, orders: int, job: Job | None = None) -> Sum:
    decisions = _newest(orders)
    asking = reading.asking(
        [rule for rule in reading.rules_of(rule_set) if rule.active],
        [one.order_id for one in decisions],
        {want["sku_id"] for one in decisions for want in one.facts["wants"]},
    )
    names = directory.names()
    total = Sum()
    for number, decision in enumerate(decisions, start=1):
        facts = _again(decision, asking, names)
        total.add(decision, _then(decision), _now(facts, engine.decide(facts)))
        if job and number % STEP == 0:
            jobs.step(job, done=number, total=len(decisions))
    return total


def last(rule_set: SourcingRuleSet | None) -> Job | None:
    """The newest rehearsal of this version."""
    if rule_set is None:
        return None
    return Job.objects.filter(kind=KIND, data__version=rule_set.number).order_by("-pk").first()


def _newest(orders: int) -> list[SourcingDecision]:
    """One an order, the first of those looked through; without those that were not kept at their time."""
    rows = (
        SourcingDecision.objects.select_related("order").defer("candidates").order_by("-pk")[: orders * LOOKED_THROUGH]
    )
    found: dict[int, SourcingDecision] = {}
    for row in rows:
        fit = row.trigger not in NOT_ALONE and "outcome" in row.facts
        if fit and (row.order_id in found or len(found) < orders):
            found[row.order_id] = row
    return list(found.values())


def _again(decision: SourcingDecision, asking: Asking, names: dict[int, tuple[str, str]]) -> Facts:
    told = decision.facts
    facts = keeping.facts_from(told, names)
    sku_tags = {tag for want in facts.wants for tag in asking.sku_tags.get(want.sku_id, ())}
    about = reading.read(told["about"], tags=asking.order_tags.get(decision.order_id, ()), sku_tags=sku_tags)
    return replace(facts, policy=policy_for(about, asking.place_facts(facts.places), asking.rules))


def _then(decision: SourcingDecision) -> Figures:
    units = {row["code"]: row["units"] for row in decision.chosen}
    places = [row["name"] or row["code"] for row in decision.chosen]
    told = {**decision.facts["outcome"], "meets": decision.facts.get("meets")}
    return {**told, "units": units, "places": places, "why": decision.summary}


def _now(facts: Facts, plan: Plan) -> Figures:
    called = {place.location_id: place for place in facts.places}
    units: dict[str, int] = {}
    for (_, location), count in plan.units().items():
        units[called[location].code] = units.get(called[location].code, 0) + count
    places = [str(called[location]) for location in plan.locations]
    told = {**keeping.outcome(facts, plan), "units": units, "places": places, "why": plan.summary}
    if meets := meeting.found(facts, plan):
        told |= {"parcels": 1, "cost": str(meets.cost), "why": meets.summary, "meets": meets.location_id}
    return told


def _message(told: dict[str, Any]) -> str:
    if not told["orders"]:
        return "No order was planned yet that could be planned again."
    return f"{len(told['changed'])} of {told['orders']} orders would be served from elsewhere."
