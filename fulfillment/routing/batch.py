"""plan_batch(orders) → Batch: orders that wait together, decided together. Pure: the same orders give the same plans.

The oldest comes first in `orders`, and nobody gets what an older one could use, unless rules let that one wait. Then
units count, then the cost of all orders together. Never worse than serving one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fulfillment.routing import engine, exchanging, fairness, pricing, together
from fulfillment.routing.choosing import Chooser
from fulfillment.routing.exchanging import Table
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Plan
from fulfillment.routing.pool import Choice, Pool


@dataclass(frozen=True)
class Batch:
    """`in_turn` is what it would have cost, and sent, one after the other in the given order.

    `whole` are orders of which nothing waits any more.
    """

    plans: Mapping[str, Plan]
    units: int
    cost: Decimal
    units_in_turn: int
    cost_in_turn: Decimal
    summary: str = ""
    parcels: int = 0
    parcels_in_turn: int = 0
    whole: int = 0
    whole_in_turn: int = 0

    @property
    def saved(self) -> Decimal:
        return self.cost_in_turn - self.cost


def plan_batch(orders: Mapping[str, Facts]) -> Batch:
    """Orders by what they are called. They see the same stock at the same moment, in one currency."""
    digital = {name: engine.plan(facts) for name, facts in orders.items() if facts.method == "digital"}
    physical = {name: facts for name, facts in orders.items() if name not in digital}
    pool = Pool(physical.values())
    table = Table([Chooser(facts, pool) for facts in physical.values()], pool)
    in_turn = list(table.chosen)
    exchanging.improve(table)
    fairness.settle(table)
    if not _better(table, in_turn):
        table.all_put(in_turn)
    told = together.Told(list(physical), table, in_turn)
    plans = {name: together.plan(told, number) for number, name in enumerate(physical)}
    return _counted(told, {name: (digital | plans)[name] for name in orders})


def _better(table: Table, in_turn: Sequence[Choice]) -> bool:
    """Than one after the other: for those who keep their turn, then for all."""
    now, then = (
        (fairness.turn(table, dict(enumerate(choices))), exchanging.worth(choices))
        for choices in (table.chosen, in_turn)
    )
    return now < then


def _counted(told: together.Told, plans: Mapping[str, Plan]) -> Batch:
    table, currency = told.table, told.currency
    sums = [pricing.whole(_cost(table.choosers, choices), currency) for choices in (table.chosen, told.in_turn)]
    cost, cost_in_turn = (pricing.amount(micro, currency) for micro in sums)
    return Batch(
        plans=plans,
        units=_units(table.chosen),
        cost=cost,
        units_in_turn=_units(told.in_turn),
        cost_in_turn=cost_in_turn,
        summary=together.summary(told, *sums),
        parcels=_parcels(table.chosen),
        parcels_in_turn=_parcels(told.in_turn),
        whole=_whole(table.chosen),
        whole_in_turn=_whole(told.in_turn),
    )


def _cost(choosers: Sequence[Chooser], choices: Sequence[Choice]) -> int:
    """Without what missing a promise weighs."""
    return sum([chooser.cost(choice.shares) for chooser, choice in zip(choosers, choices, strict=True)])


def _parcels(choices: Sequence[Choice]) -> int:
    return sum([len(choice.cover) for choice in choices])


def _whole(choices: Sequence[Choice]) -> int:
    return sum([not choice.unfilled for choice in choices])


def _units(choices: Sequence[Choice]) -> int:
    return sum([units for choice in choices for _, units in choice.takes])
