"""Exact smallest set cover: the fewest places that together can send everything that can be sent."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

Stocks = Sequence[tuple[int, ...]]
LIMIT = 10  # places searched exactly; 2 ** 10 subsets at the very worst


def smallest_covers(stocks: Stocks, need: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every set of places (as indexes) of the smallest size that reaches `need` for each SKU."""
    if not any(need):
        return [()]
    reach = _reach(stocks, len(need))
    for size in range(1, len(stocks) + 1):
        found = list(_covers(stocks, reach, 0, need, size))
        if found:
            return found
    return []


def _covers(stocks: Stocks, reach: list, start: int, need: tuple[int, ...], size: int) -> Iterator[tuple[int, ...]]:
    """Depth first by size; a branch is left as soon as the richest `size` places still ahead can't reach the need."""
    for index in range(start, len(stocks) - size + 1):
        ahead = reach[index][size]
        for units, most in zip(need, ahead, strict=True):
            if units > most:
                return
        left = tuple([units - has if units > has else 0 for units, has in zip(need, stocks[index], strict=True)])
        if size == 1:
            if not any(left):
                yield (index,)
        else:
            for rest in _covers(stocks, reach, index + 1, left, size - 1):
                yield (index, *rest)


def _reach(stocks: Stocks, width: int) -> list[list[tuple[int, ...]]]:
    """reach[i][k]: for each SKU the most that k places from index i on can hold together."""
    table = []
    for start in range(len(stocks)):
        tops = [
            list(accumulate(sorted((stock[sku] for stock in stocks[start:]), reverse=True), initial=0))
            for sku in range(width)
        ]
        table.append(list(zip(*tops, strict=True)))
    return table


def greedy_cover(stocks: Stocks, need: tuple[int, ...]) -> list[int]:
    """A cover, not always the smallest: the bound on which places a long list is cut down to."""
    left, chosen = list(need), []
    while any(left):
        rest = [index for index in range(len(stocks)) if index not in chosen]
        best = max(rest, key=lambda index: sum(map(min, stocks[index], left)))
        chosen.append(best)
        left = [units - min(units, has) for units, has in zip(left, stocks[best], strict=True)]
    return chosen


def share_out(stocks: Stocks, cover: tuple[int, ...], need: tuple[int, ...]) -> dict[int, list[int]]:
    """place → units per SKU. One place sends a whole SKU where it can, the first in order; else the richest first."""
    shares = {index: [0] * len(need) for index in cover}
    for sku, units in enumerate(need):
        whole = next((index for index in cover if stocks[index][sku] >= units), None)
        givers = [whole] if whole is not None else sorted(cover, key=lambda index: -stocks[index][sku])
        for index in givers:
            taken = min(units, stocks[index][sku])
            shares[index][sku] = taken
            units -= taken
    return shares
