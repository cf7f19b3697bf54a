"""The best sets of places under the policy, exactly: bounds first, and only those that can still win are priced."""

from bisect import insort
from collections.abc import Iterable
from itertools import combinations

from fulfillment.routing import covers, ranking, splitting
from fulfillment.routing.policy import PARCELS
from fulfillment.routing.problem import Problem
from fulfillment.routing.ranking import Cover, Option

KEPT = 3  # the best one, and what else could have been done
TARGET = tuple[int, ...]
NOTHING = Option((), {}, 0, ())


def best(problem: Problem, kept: int = KEPT) -> list[Option]:
    """So many of them, the best first. As many units as may be sent come before anything that is compared."""
    target = problem.target
    if not any(target):
        return [NOTHING]
    most = problem.facts.policy.most_parcels
    if len(problem.stocks) > covers.LIMIT:
        cover = tuple(sorted(covers.greedy(problem.stocks, target)[:most]))
        return _ranked(problem, [(cover, _held(problem, cover))], [], kept)
    return _complete(problem, target, most, kept) or _ranked(problem, _fullest(problem, most or 1), [], kept)


def _complete(problem: Problem, target: TARGET, most: int | None, kept: int) -> list[Option]:
    """Sets that send all of the target. Where parcels are compared first, the smallest, and one parcel more."""
    found: list[Option] = []
    smallest_first, first = problem.facts.policy.ranks[:1] == (PARCELS,), 0
    for size, sets in enumerate(covers.by_size(problem.stocks, target), start=1):
        if most is not None and size > most:
            break
        sets = [(cover, target) for cover in sets]
        found = _ranked(problem, sets, found, kept, floor=problem.floor, minimal=first > 0)
        if found and smallest_first:
            if len(found) >= min(kept, 2) or first:
                break
            first = size
    return found


def _fullest(problem: Problem, most: int) -> list[tuple[Cover, TARGET]]:
    """No allowed number of parcels sends all of it: the sets that send most, each with its own target."""
    sizes = range(1, min(most, len(problem.stocks)) + 1)
    sets = [cover for size in sizes for cover in combinations(range(len(problem.stocks)), size)]
    held = [(cover, _held(problem, cover)) for cover in sets]
    fullest = max(sum(units) for _, units in held)
    return [(cover, units) for cover, units in held if sum(units) == fullest]


def _held(problem: Problem, cover: Cover) -> TARGET:
    together = map(sum, zip(*[problem.stocks[index] for index in cover], strict=True))
    return tuple(map(min, problem.need, together))


def _ranked(
    problem: Problem,
    sets: Iterable[tuple[Cover, TARGET]],
    found: list[Option],
    kept: int,
    *,
    floor: int = 0,
    minimal: bool = False,
) -> list[Option]:
    """The best of `found` and of these sets, in order."""
    found = list(found)
    bounds = [(ranking.bound(problem, cover, floor), cover, target) for cover, target in sets]
    for bound, cover, target in sorted(bounds):
        if len(found) >= kept and bound >= found[-1].key:
            break
        if minimal and not covers.is_minimal(problem.stocks, target, cover):
            continue
        if option := splitting.option(problem, cover, target):
            insort(found, option, key=lambda option: option.key)
            del found[kept:]
    return found
