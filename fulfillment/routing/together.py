"""What a batch decided, in words: what each order got, what it would have got in its turn, and who got that instead."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from fulfillment.routing import allotting, pricing
from fulfillment.routing.choosing import Chooser
from fulfillment.routing.exchanging import Table
from fulfillment.routing.facts import Place
from fulfillment.routing.plan import Alternative, Candidate, Plan
from fulfillment.routing.pool import Choice

NAMED = 3  # other orders that are named


@dataclass
class Told:
    names: list[str]
    table: Table
    in_turn: list[Choice]

    @cached_property
    def currency(self) -> str:
        return next((chooser.facts.currency for chooser in self.table.choosers), "EUR")

    def money(self, micro: int) -> str:
        return pricing.shown(micro, self.currency)


def plan(told: Told, number: int) -> Plan:
    chooser, choice = told.table.choosers[number], told.table.chosen[number]
    places = [place for _, place in chooser.rows]
    allotments, shortfalls = allotting.by_line(chooser.facts.wants, chooser.skus, places, choice.cover, choice.shares)
    return Plan(
        method=chooser.facts.method,
        allotments=tuple(allotments),
        shortfalls=tuple(shortfalls),
        candidates=_candidates(chooser, choice),
        cost=pricing.amount(chooser.cost(choice.shares), told.currency),
        summary=_sentence(told, number),
        alternatives=_alternative(told, number),
    )


def summary(told: Told, cost: int, cost_in_turn: int) -> str:
    moved = sum(one.takes != two.takes for one, two in zip(told.table.chosen, told.in_turn, strict=True))
    waiting = sum(choice.unfilled for choice in told.table.chosen)
    tail = f" {_units(waiting)} {'waits' if waiting == 1 else 'wait'} for stock." if waiting else ""
    count = len(told.names)
    if not moved:
        return f"{count} orders decided together, each as in its turn, about {told.money(cost)}.{tail}"
    more = sum(choice.unfilled for choice in told.in_turn) - waiting
    gain = f"{_units(more)} more sent than" if more else f"{told.money(cost_in_turn - cost)} less than"
    otherwise = f"{gain} one by one. {moved} {'is' if moved == 1 else 'are'} served otherwise."
    return f"{count} orders decided together, about {told.money(cost)}: {otherwise}{tail}"


def _sentence(told: Told, number: int) -> str:
    chooser, choice = told.table.choosers[number], told.table.chosen[number]
    wanted, sent = sum(chooser.need), sum(chooser.need) - choice.unfilled
    if sent:
        places = _named([str(chooser.rows[index][1]) for index in choice.cover])
        verb, how = (
            ("sends", "in one parcel") if len(choice.cover) == 1 else ("share", f"in {len(choice.cover)} parcels")
        )
        said = f"{places} {verb} {_units(sent)} {how}, about {told.money(chooser.cost(choice.shares))}."
    else:
        said = "Nothing is sent now."
    waits = f" {_units(wanted - sent)} {'waits' if wanted - sent == 1 else 'wait'} for stock." if wanted > sent else ""
    return f"{said}{_why_otherwise(told, number)}{waits}"


def _why_otherwise(told: Told, number: int) -> str:
    """Against what it would have got with all the stock for itself."""
    chooser, choice, alone = told.table.choosers[number], told.table.chosen[number], told.table.alone[number]
    if choice.takes == alone.takes:
        return ""
    others = _who_has(told, number)
    if not others:
        return ""
    places = _named([str(chooser.rows[index][1]) for index in alone.cover])
    asked = told.money(chooser.cost(alone.shares))
    late = alone.unfilled < choice.unfilled == told.in_turn[number].unfilled
    got = "came first" if late else "got what is there, cheaper for all together"
    return f" Alone, {places} for {asked}; {others} {got}."


def _who_has(told: Told, number: int) -> str:
    """Orders that hold what this one would have taken and can't any more."""
    table, mine = told.table, dict(told.table.chosen[number].takes)
    lacking = [cell for cell, units in table.alone[number].takes if table.pool.left[cell] + mine.get(cell, 0) < units]
    names = list(dict.fromkeys(told.names[one] for cell in lacking for one in sorted(table.holders[cell] - {number})))
    more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
    return _named([*names[:NAMED], *more])


def _candidates(chooser: Chooser, choice: Choice) -> tuple[Candidate, ...]:
    """Chosen first, then those that were not needed, then those that were out."""
    wanted = sum(chooser.need)
    rest = [index for index in range(len(chooser.rows)) if index not in choice.cover]
    out = [
        Candidate(place.location_id, place.code, place.name, False, False, chooser.rejected[place.location_id])
        for place in chooser.facts.places
        if place.location_id in chooser.rejected
    ]
    return (*[_candidate(chooser, index, choice, wanted) for index in (*choice.cover, *rest)], *out)


def _candidate(chooser: Chooser, index: int, choice: Choice, wanted: int) -> Candidate:
    place, held = chooser.rows[index][1], [chooser.held(index, column) for column in range(len(chooser.skus))]
    sends = choice.shares.get(index)
    return Candidate(
        place.location_id,
        place.code,
        place.name,
        sends is not None,
        True,
        f"sends {sum(sends)} of {_units(wanted)}" if sends else _why_not(sum(held), wanted),
        sum(held),
        wanted,
        pricing.amount(chooser.cost({index: held}), chooser.facts.currency),
        chooser.keeps_promise(index),
        chooser.service(index, held),
    )


def _why_not(held: int, wanted: int) -> str:
    return f"could send {held} of {_units(wanted)}; all orders together cost less without it"


def _alternative(told: Told, number: int) -> tuple[Alternative, ...]:
    """What it would have got in its turn, when that is something else."""
    chooser, mine, other = told.table.choosers[number], told.table.chosen[number], told.in_turn[number]
    if other.takes == mine.takes or not other.takes:
        return ()
    places: list[Place] = [chooser.rows[index][1] for index in other.cover]
    more = chooser.cost(other.shares) - chooser.cost(mine.shares)
    cost: Decimal = pricing.amount(chooser.cost(other.shares), told.currency)
    differs = f"{told.money(abs(more))} {'dearer' if more > 0 else 'cheaper'}" if more else "as dear"
    kept = [chooser.keeps_promise(index) for index in other.cover]
    return (
        Alternative(
            tuple([place.location_id for place in places]),
            ", ".join(map(str, places)),
            cost,
            None if None in kept else all(kept),
            f"would have been its turn, {differs} for this order alone",
        ),
    )


def _named(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _units(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"
