"""The reasons in words: why each place was chosen, lost or was out, and one sentence for the whole."""

from dataclasses import dataclass
from functools import cached_property

from fulfillment.routing import differing, pricing
from fulfillment.routing.facts import Facts, Place
from fulfillment.routing.plan import Alternative, Candidate
from fulfillment.routing.policy import PARCELS
from fulfillment.routing.problem import Problem
from fulfillment.routing.ranking import Option


@dataclass
class Verdict:
    """`best` is what can be done, `sent` what the rules let happen: the same, or nothing."""

    problem: Problem
    sent: Option
    best: Option
    others: list[Option]
    rejected: dict[int, str]

    @property
    def facts(self) -> Facts:
        return self.problem.facts

    @cached_property
    def wanted(self) -> int:
        return sum(self.problem.need)

    @cached_property
    def sendable(self) -> int:
        return sum(map(sum, self.best.shares.values()))

    @property
    def waiting(self) -> int:
        return self.wanted - sum(map(sum, self.sent.shares.values()))

    @property
    def held_back(self) -> bool:
        return self.sent is not self.best

    @cached_property
    def alone(self) -> list[int]:
        """What each place asks for what it could send alone."""
        problem = self.problem
        return [problem.cost(index, stock) for index, stock in enumerate(problem.stocks)]

    def place(self, index: int) -> Place:
        return self.problem.eligible[index].place

    def money(self, micro: int) -> str:
        return pricing.shown(micro, self.facts.currency)


def candidates(verdict: Verdict) -> tuple[Candidate, ...]:
    """Chosen first, then those that lost, then those that were out."""
    chosen, count = verdict.sent.cover, len(verdict.problem.eligible)
    order = [*chosen, *[index for index in range(count) if index not in chosen]]
    out = [
        Candidate(place.location_id, place.code, place.name, False, False, verdict.rejected[place.location_id])
        for place in verdict.facts.places
        if place.location_id in verdict.rejected
    ]
    return (*[_candidate(verdict, index, index in chosen) for index in order], *out)


def alternatives(verdict: Verdict) -> tuple[Alternative, ...]:
    return tuple([_alternative(verdict, option) for option in verdict.others])


def summary(verdict: Verdict) -> str:
    waiting, names = verdict.waiting, [str(verdict.place(index)) for index in verdict.sent.cover]
    tail = f" {_units(waiting)} {'waits' if waiting == 1 else 'wait'} for stock." if waiting else ""
    if verdict.held_back:
        there = _units(verdict.sendable)
        return f"Nothing is sent until all {_units(verdict.wanted)} can be: {there} could be sent now.{tail}"
    if not names:
        return f"No location can serve it now.{tail}"
    sent, money = _units(verdict.wanted - waiting), verdict.money(verdict.sent.cost)
    if verdict.facts.method == "pickup":
        return f"{names[0]} has {sent} ready to be collected there.{tail}"
    if len(names) == 1:
        return f"{names[0]} sends {sent} in one parcel, about {money}. {_reason(verdict)}{tail}"
    return f"{', '.join(names[:-1])} and {names[-1]} share {sent}, about {money}. {_why_split(verdict)}{tail}"


def _candidate(verdict: Verdict, index: int, chosen: bool) -> Candidate:
    place, facts = verdict.place(index), verdict.facts
    return Candidate(
        place.location_id,
        place.code,
        place.name,
        chosen,
        True,
        _why_chosen(verdict, index) if chosen else _why_not(verdict, index),
        verdict.problem.eligible[index].fills,
        verdict.wanted,
        pricing.amount(verdict.alone[index], facts.currency),
        None if facts.ship_by is None else not verdict.problem.late[index],
        verdict.problem.service(index, verdict.problem.stocks[index]),
    )


def _alternative(verdict: Verdict, option: Option) -> Alternative:
    places, problem = [verdict.place(index) for index in option.cover], verdict.problem
    return Alternative(
        location_ids=tuple([place.location_id for place in places]),
        places=", ".join(map(str, places)),
        cost=pricing.amount(option.cost, problem.facts.currency),
        keeps_promise=None if problem.facts.ship_by is None else not any(problem.late[i] for i in option.cover),
        because=differing.between(problem, verdict.best, option),
    )


def _why_chosen(verdict: Verdict, index: int) -> str:
    sends = f"sends {sum(verdict.sent.shares[index])} of {_units(verdict.wanted)}"
    if len(verdict.sent.cover) == 1:
        return f"{sends}. {_reason(verdict)}"
    if verdict.facts.policy.ranks[:1] == (PARCELS,):
        return f"{sends}; without it fewer could be sent"
    return f"{sends}, in the best combination"


def _why_split(verdict: Verdict) -> str:
    if verdict.facts.policy.most_parcels == len(verdict.sent.cover) and verdict.waiting:
        return f"More than {len(verdict.sent.cover)} parcels are not allowed."
    if verdict.facts.policy.ranks[:1] == (PARCELS,):
        return "No smaller number of parcels can send as much."
    rest = [option for option in verdict.others if len(option.cover) < len(verdict.sent.cover)]
    return f"Fewer parcels: {differing.between(verdict.problem, verdict.best, rest[0])}." if rest else ""


def _reason(verdict: Verdict) -> str:
    """What tipped the scales for a single winner, against the strongest place that could have done the same."""
    (winner,) = verdict.best.cover
    rivals = [i for i, one in enumerate(verdict.problem.eligible) if i != winner and one.fills >= verdict.sendable]
    if not rivals:
        others = len(verdict.problem.eligible) > 1
        return "No other location has as much of it." if others else "It is the only location that can serve it."
    better, figures = differing.edge(verdict.problem, verdict.alone, winner, rivals[0])
    than = "to" if better == "preferred" else "than"
    return f"{better.capitalize()} {than} {verdict.place(rivals[0])}{figures}."


def _why_not(verdict: Verdict, index: int) -> str:
    fills = verdict.problem.eligible[index].fills
    if fills < verdict.sendable:
        return f"could send {fills} of {_units(verdict.wanted)} alone"
    if verdict.held_back:
        return f"could send {fills} of {_units(verdict.wanted)}, and all of it has to go together"
    if len(verdict.best.cover) > 1:
        return "lost against a better combination"
    better, figures = differing.edge(verdict.problem, verdict.alone, verdict.best.cover[0], index)
    return f"could send it too; {verdict.place(verdict.best.cover[0])} is {better}{figures}"


def _units(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"
