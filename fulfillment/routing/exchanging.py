"""Orders of a batch give up what they hold and choose again together, in another order: kept when that is better.

Large neighbourhood search with an exact choice for each order. From a seed and by count, so the same batch always ends
the same; worse steps are taken early and never late, and units that can go are never given up. See `fairness` for age.
"""

import math
import random
from collections.abc import Mapping, Sequence

from fulfillment.routing import fairness
from fulfillment.routing.choosing import Chooser
from fulfillment.routing.pool import Choice, Pool

STEPS_AN_ORDER, AT_LEAST, AT_MOST = 50, 9000, 300  # a small batch gets more steps an order
WARMTH = 0.2  # a step that costs this share of an average order is often taken in the beginning
COLD = 0.8  # share of the steps after which none that is worse is taken
UNFILLED = 10**12  # what a unit that could go and does not weighs, in millionths
NEAR = 0.6  # how often those are asked first who hold what the order would take if it were alone


class Table:
    """All orders of a batch around one stock, each with its choice."""

    def __init__(self, choosers: Sequence[Chooser], pool: Pool) -> None:
        """Each in turn takes its best."""
        self.choosers, self.pool = choosers, pool
        self.by_age = any(chooser.keeps_turn for chooser in choosers)
        self.alone = [chooser.best(pool) for chooser in choosers]
        self.holders: list[set[int]] = [set() for _ in pool.left]
        self.chosen: list[Choice] = [None] * len(choosers)  # filled below
        self.askers: dict[int, list[int]] = {}
        for number, chooser in enumerate(choosers):
            self.put(number, chooser.best(pool))
            for sku in chooser.skus:
                self.askers.setdefault(sku, []).append(number)

    def put(self, number: int, choice: Choice) -> None:
        self.chosen[number] = choice
        self.pool.take(choice)
        for cell, _ in choice.takes:
            self.holders[cell].add(number)

    def all_put(self, choices: Sequence[Choice]) -> None:
        for number in range(len(choices)):
            self.lift(number)
        for number, choice in enumerate(choices):
            self.put(number, choice)

    def lift(self, number: int) -> Choice:
        choice = self.chosen[number]
        self.pool.give_back(choice)
        for cell, _ in choice.takes:
            self.holders[cell].discard(number)
        return choice

    def content(self, number: int) -> bool:
        """It could not do better with all of the stock for itself."""
        return worth([self.chosen[number]]) <= worth([self.alone[number]])


def worth(choices: Sequence[Choice]) -> int:
    return sum([choice.cost + UNFILLED * choice.unfilled for choice in choices])


def improve(table: Table) -> None:
    could = fairness.hopeful(table)
    count = len(could)
    dice = random.Random(count)
    steps = max(STEPS_AN_ORDER * count, min(AT_LEAST, AT_MOST * count))
    warm = WARMTH * sum([choice.cost for choice in table.chosen]) / max(count, 1)
    for step in range(steps):
        number = could[dice.randrange(count)]
        if not table.content(number):
            group = _group(table, number, dice)
            if len(group) > 1:
                _choose_again(table, group, warm * max(0.0, 1 - step / (COLD * steps)), dice)


def _group(table: Table, number: int, dice: random.Random) -> list[int]:
    """The order, some who hold what it would take, and some who ask for the same as one of these."""
    group = [number]
    if dice.random() < NEAR:
        for cell, units in table.alone[number].takes:
            others = [one for one in table.holders[cell] if one not in group]
            if others and table.pool.left[cell] < units:
                group.append(dice.choice(others))
    for _ in range(dice.randint(2, 5)):
        sku = dice.choice(table.choosers[dice.choice(group)].skus)
        other = dice.choice(table.askers[sku])
        if other not in group:
            group.append(other)
    return group


def _choose_again(table: Table, group: list[int], warm: float, dice: random.Random) -> None:
    before = {number: table.lift(number) for number in group}
    asked = _best_turn(table, group, dice)
    if not _taken(table, before, asked, warm, dice):
        asked = before
    for number, choice in asked.items():
        table.put(number, choice)


def _taken(table: Table, before: Mapping, asked: Mapping, warm: float, dice: random.Random) -> bool:
    """Who keeps its turn must not lose by it; then units and money count, and early on luck."""
    was, now = fairness.turn(table, before), fairness.turn(table, asked)
    if was != now:
        return now < was
    worse = worth(list(asked.values())) - worth(list(before.values()))
    return worse <= 0 or (warm > 0 and dice.random() < math.exp(max(-50.0, -worse / warm)))


def _best_turn(table: Table, group: list[int], dice: random.Random) -> dict[int, Choice]:
    """Who chooses first matters: the order itself, or the others, or, of more than two, any."""
    turns = [group, group[1:] + group[:1]]
    if len(group) > 2:
        turns.append(dice.sample(group, len(group)))
    found = [_in_turn(table, turn) for turn in turns]
    return min(found, key=lambda asked: (fairness.turn(table, asked), worth(list(asked.values()))))


def _in_turn(table: Table, turn: Sequence[int]) -> dict[int, Choice]:
    asked = {}
    for number in turn:
        asked[number] = choice = table.choosers[number].best(table.pool)
        table.pool.take(choice)
    for choice in asked.values():
        table.pool.give_back(choice)
    return asked
