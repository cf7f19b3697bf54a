"""Inside a set of places: who sends what. A SKU is kept whole where a place of the set holds it."""

from collections.abc import Iterator
from itertools import product
from math import prod

from fulfillment.routing import ranking
from fulfillment.routing.problem import Problem
from fulfillment.routing.ranking import Cover, Option, Shares

TRIED = 1024  # ways of sharing out that are compared; where there are more, SKU by SKU
Choice = tuple[int, list[int]]  # a SKU, and the places that hold all of it


def option(problem: Problem, cover: Cover, target: tuple[int, ...]) -> Option | None:
    """The cheapest way for this set; None when a place would send nothing, for then a smaller set does the same."""
    shares, choices = _fixed(problem, cover, target)
    alone = _each_by_itself(problem, shares, choices, target) if choices and _adds_up(problem, cover) else None
    if choices and not (alone and _all_send(alone)):
        shares, cost = _cheapest(problem, shares, choices, target)
    else:
        shares = alone or shares
        cost = sum(map(problem.cost, shares, shares.values()))
    return Option(cover, shares, cost, ranking.key(problem, cover, cost)) if _all_send(shares) else None


def _all_send(shares: Shares) -> bool:
    return all(map(any, shares.values()))


def _fixed(problem: Problem, cover: Cover, target: tuple[int, ...]) -> tuple[dict[int, list[int]], list[Choice]]:
    """(what is sent whatever is chosen, what several could send whole). No place holds it whole: the richest first."""
    shares: dict[int, list[int]] = {index: [0] * len(target) for index in cover}
    choices: list[Choice] = []
    for sku, units in enumerate(target):
        whole = [index for index in cover if problem.stocks[index][sku] >= units > 0]
        if len(whole) > 1:
            choices.append((sku, whole))
            continue
        for index in whole or sorted(cover, key=lambda index: -problem.stocks[index][sku]):
            shares[index][sku] = taken = min(units, problem.stocks[index][sku])
            units -= taken
    return shares, choices


def _adds_up(problem: Problem, cover: Cover) -> bool:
    """Costs are so much a parcel and so much a gram: each SKU is best where a gram is cheapest."""
    return all(problem.adds_up[index] for index in cover)


def _each_by_itself(problem: Problem, fixed: Shares, choices: list[Choice], target: tuple[int, ...]) -> Shares:
    """Each SKU where a gram is cheapest; a place may be left with nothing."""
    shares = {index: list(units) for index, units in fixed.items()}
    for sku, whole in choices:
        shares[min(whole, key=lambda index: problem.fees[index].gram)][sku] = target[sku]
    return shares


def _cheapest(problem: Problem, shares: Shares, choices: list[Choice], target: tuple[int, ...]) -> tuple[Shares, int]:
    best, cost = shares, 0
    for way in _ways(problem, choices, target):
        tried = {index: list(units) for index, units in shares.items()}
        for (sku, _), index in zip(choices, way, strict=True):
            tried[index][sku] = target[sku]
        asked = sum(map(problem.cost, tried, tried.values()))
        if _all_send(tried) and (best is shares or asked < cost):
            best, cost = tried, asked
    return best, cost


def _ways(problem: Problem, choices: list[Choice], target: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All ways together while they are few, else each SKU where it is cheapest by itself."""
    if prod([len(whole) for _, whole in choices]) <= TRIED:
        yield from product(*[whole for _, whole in choices])
    else:
        yield tuple([min(whole, key=lambda index: _alone(problem, index, sku, target)) for sku, whole in choices])


def _alone(problem: Problem, index: int, sku: int, target: tuple[int, ...]) -> int:
    return problem.cost(index, [units if column == sku else 0 for column, units in enumerate(target)])
