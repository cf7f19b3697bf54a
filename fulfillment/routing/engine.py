"""plan(facts) → Plan: filter, cover, rank, share out, explain. Pure: the same facts give the same plan."""

from dataclasses import replace

from fulfillment.routing import allotting, covers, explaining, pricing, searching
from fulfillment.routing.candidates import sift
from fulfillment.routing.explaining import Verdict
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Allotment, Plan
from fulfillment.routing.policy import PARCELS
from fulfillment.routing.problem import Problem
from fulfillment.routing.ranking import Option


def plan(facts: Facts) -> Plan:
    """As many units as the policy lets the eligible places send, the best way there is; what is left waits."""
    if facts.method == "digital":
        return _digital(facts)
    verdict = _verdict(facts, kept=searching.KEPT)
    candidates, alternatives = explaining.candidates(verdict), explaining.alternatives(verdict)
    return replace(_planned(verdict), candidates=candidates, alternatives=alternatives)


def decide(facts: Facts) -> Plan:
    """The same plan without its candidates and alternatives: `plan` tells them of the same facts at any later time."""
    if facts.method == "digital":
        return _digital(facts)
    others_are_told = facts.policy.ranks[:1] != (PARCELS,)  # the sentence about a split names one
    return _planned(_verdict(facts, kept=searching.KEPT if others_are_told else 1))


def _verdict(facts: Facts, *, kept: int) -> Verdict:
    demand = facts.demand
    skus, need = list(demand), list(demand.values())
    eligible, rejected = sift(facts, skus, need)
    problem, unlucky = _shortlist(Problem.of(facts, skus, need, eligible))
    best, *others = searching.best(problem, kept)
    return Verdict(problem, _allowed(facts, need, best), best, others, {**rejected, **unlucky})


def _planned(verdict: Verdict) -> Plan:
    problem, sent, facts = verdict.problem, verdict.sent, verdict.facts
    places = [one.place for one in problem.eligible]
    allotments, shortfalls = allotting.by_line(facts.wants, problem.skus, places, sent.cover, sent.shares)
    return Plan(
        method=facts.method,
        allotments=tuple(allotments),
        shortfalls=tuple(shortfalls),
        cost=pricing.amount(sent.cost, facts.currency),
        summary=explaining.summary(verdict),
    )


def _digital(facts: Facts) -> Plan:
    allotments = tuple(Allotment(None, want.line_id, want.sku_id, want.quantity) for want in facts.wants)
    return Plan(facts.method, allotments, (), summary="Delivered by mail; no stock is touched.")


def _shortlist(problem: Problem) -> tuple[Problem, dict[int, str]]:
    """At most ten places for the exact search: a greedy cover first, then the richest. The others learn why."""
    if len(problem.eligible) <= covers.LIMIT:
        return problem, {}
    keep = covers.greedy(problem.stocks, problem.target)
    richest = sorted(range(len(problem.eligible)), key=lambda index: -problem.eligible[index].fills)
    keep += [index for index in richest if index not in keep][: max(0, covers.LIMIT - len(keep))]
    left_out = [one for index, one in enumerate(problem.eligible) if index not in keep]
    reason = f"was not compared: {len(keep)} others hold more of this order or are better placed"
    return problem.only(sorted(keep)), {one.place.location_id: reason for one in left_out}


def _allowed(facts: Facts, need: list[int], best: Option) -> Option:
    """A rule may ask for all or nothing."""
    sendable = sum(map(sum, best.shares.values()))
    return searching.NOTHING if facts.policy.complete_only and sendable < sum(need) else best
