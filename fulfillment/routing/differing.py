"""How one place, or one set of places, is better than another: in words and figures, in the order of comparison."""

from collections.abc import Callable, Sequence

from fulfillment.routing import pricing
from fulfillment.routing.policy import COST, LOAD, PARCELS, PRIORITY, PROMISE
from fulfillment.routing.problem import Problem
from fulfillment.routing.ranking import Option


def edge(problem: Problem, alone: Sequence[int], winner: int, loser: int) -> tuple[str, str]:
    """(how the winner is better, in figures) for two places that could each send the same."""
    same_cost = " at the same cost" if alone[winner] == alone[loser] else ""
    here, there = problem.eligible[winner].place, problem.eligible[loser].place
    for rank in problem.facts.policy.ranks:
        if rank == PROMISE and problem.late[loser] and not problem.late[winner]:
            why = "whose services would be late" if there.slow else "which would leave after the promised time"
            return "earlier", f", {why}"
        if rank == COST and not same_cost:
            return "cheaper", _against(problem, alone[winner], alone[loser])
        if rank == PRIORITY and here.priority != there.priority:
            return "preferred", f"{same_cost} (priority {here.priority} against {there.priority})"
        if rank == LOAD and here.load != there.load:
            return "quieter", f"{same_cost} ({here.load} lines waiting against {there.load})"
    return "listed earlier", ", otherwise equal"


def between(problem: Problem, best: Option, other: Option) -> str:
    """What the other set would have meant: one parcel more, so much dearer."""
    told = {
        PARCELS: lambda: _counted(len(other.cover) - len(best.cover), "parcel"),
        PROMISE: lambda: _later(_late(problem, other) - _late(problem, best)),
        COST: lambda: _dearer(problem, other.cost - best.cost),
    }
    words = [told[rank]() for rank in problem.facts.policy.ranks if rank in told]
    return ", ".join(filter(None, words)) or _otherwise(problem, best, other)


def _otherwise(problem: Problem, best: Option, other: Option) -> str:
    places = [one.place for one in problem.eligible]
    measures: dict[str, tuple[str, Callable]] = {
        PRIORITY: ("less preferred", lambda index: -places[index].priority),
        LOAD: ("busier", lambda index: places[index].load),
    }
    for rank in problem.facts.policy.ranks:
        words, measure = measures.get(rank, ("", lambda index: 0))
        if sum(map(measure, other.cover)) != sum(map(measure, best.cover)):
            return f"as good, but {words}"
    return "as good"


def _against(problem: Problem, here: int, there: int) -> str:
    currency = problem.facts.currency
    figures = pricing.shown(here, currency), pricing.shown(there, currency)
    return " by a fraction" if figures[0] == figures[1] else f": {figures[0]} against {figures[1]}"


def _counted(more: int, noun: str) -> str:
    return f"{abs(more)} {noun}{'' if abs(more) == 1 else 's'} {'more' if more > 0 else 'fewer'}" if more else ""


def _late(problem: Problem, option: Option) -> int:
    return sum([problem.late[index] for index in option.cover])


def _later(more: int) -> str:
    return "" if not more else "would miss the promise" if more > 0 else "keeps the promise better"


def _dearer(problem: Problem, more: int) -> str:
    return f"{pricing.shown(abs(more), problem.facts.currency)} {'dearer' if more > 0 else 'cheaper'}" if more else ""
