"""Exact set cover: every set of places that together can send everything that can be sent, the smallest first."""

from collections.abc import Iterator, Sequence
from operator import ge, lshift

from fulfillment.routing.ranking import Cover

Stocks = Sequence[tuple[int, ...]]
LIMIT = 10  # places searched exactly; 2 ** 10 sets at the very worst


def by_size(stocks: Stocks, target: Sequence[int]) -> Iterator[list[Cover]]:
    """For one place, two, three …: the sets (as indexes) that reach the target for each SKU.

    The units of all SKUs lie side by side in one integer. Each has a guard bit on top, and starts as far below it as
    units are wanted: a set reaches the target when its sum has every guard bit.
    """
    packed, start, guards = _packed(stocks, target)
    level: list[tuple[Cover, int, int]] = [((), 0, start)]
    for _ in stocks:
        level = [
            ((*cover, index), index + 1, total + packed[index])
            for cover, after, total in level
            for index in range(after, len(stocks))
        ]
        yield [cover for cover, _, total in level if total & guards == guards]


def smallest(stocks: Stocks, target: Sequence[int]) -> list[Cover]:
    if not any(target):
        return [()]
    return next(filter(None, by_size(stocks, target)), [])


def is_minimal(stocks: Stocks, target: Sequence[int], cover: Cover) -> bool:
    """Without any one of its places it could not send as much."""
    for left_out in cover:
        rest = [stocks[index] for index in cover if index != left_out]
        if all(map(ge, map(sum, zip(*rest, strict=True)), target)):
            return False
    return True


def greedy(stocks: Stocks, target: Sequence[int]) -> list[int]:
    """A cover, not always the smallest: the bound on which places a long list is cut down to."""
    left, chosen = list(target), []
    while any(left):
        rest = [index for index in range(len(stocks)) if index not in chosen]
        best = max(rest, key=lambda index: sum(map(min, stocks[index], left)))
        chosen.append(best)
        left = [units - min(units, has) for units, has in zip(left, stocks[best], strict=True)]
    return chosen


def _packed(stocks: Stocks, target: Sequence[int]) -> tuple[list[int], int, int]:
    """(a number a place, the number to start from, the guard bits)."""
    width = ((len(stocks) + 1) * max(target, default=0)).bit_length() + 1
    shifts = [width * sku for sku in range(len(target))]
    numbers = [sum(map(lshift, map(min, stock, target), shifts)) for stock in stocks]
    top = 1 << (width - 1)
    start = sum([(top - units) << shift for units, shift in zip(target, shifts, strict=True)])
    return numbers, start, sum([top << shift for shift in shifts])
