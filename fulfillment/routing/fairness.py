"""Oldest first: nobody gets a unit that an older order could use, unless rules let that order wait. Pure.

Orders are numbered by age. Which place a unit comes from may change in favour of all; who goes without may not.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fulfillment.routing.pool import Choice

if TYPE_CHECKING:
    from fulfillment.routing.exchanging import Table


def turn(table: "Table", choices: Mapping[int, Choice]) -> tuple[int, ...]:
    """What those who keep their turn would lack, the oldest first; what is smaller is fairer."""
    if not table.by_age:
        return ()
    return tuple([choices[number].unfilled for number in sorted(choices) if table.choosers[number].keeps_turn])


def hopeful(table: "Table") -> Sequence[int]:
    """Those for whom an exchange could do something: they hold units, or there is more of what they ask for."""
    everybody = range(len(table.choosers))
    if not all(chooser.keeps_turn for chooser in table.choosers):
        return everybody
    pool = table.pool
    left = {sku for sku, units in zip(pool.sku_of, pool.left, strict=True) if units}
    could = [number for number in everybody if table.chosen[number].takes or left & set(table.choosers[number].skus)]
    return could if any(not table.content(number) for number in could) else []


def settle(table: "Table") -> None:
    """The oldest first, each keeps its choice, or chooses again where what the older ones left would send more of it.

    So it is fair whatever was exchanged before: nobody could get more from what the younger ones hold.
    """
    chosen = [table.lift(number) for number in range(len(table.chosen))]
    for number, (chooser, choice) in enumerate(zip(table.choosers, chosen, strict=True)):
        if not table.pool.has(choice) or (choice.unfilled and chooser.keeps_turn):
            best = chooser.best(table.pool)
            choice = choice if table.pool.has(choice) and best.unfilled >= choice.unfilled else best
        table.put(number, choice)
