"""The reasons in words: why each place was chosen, lost or was out, and one sentence for the whole."""

from dataclasses import dataclass
from decimal import Decimal

from fulfillment.routing import ranking
from fulfillment.routing.candidates import Eligible
from fulfillment.routing.facts import Facts, Place
from fulfillment.routing.plan import Candidate, Shortfall
from fulfillment.routing.ranking import Option
from oms.common.money import Money


@dataclass(frozen=True)
class Verdict:
    facts: Facts
    eligible: list[Eligible]
    skus: list[int]
    need: list[int]
    best: Option
    rejected: dict[int, str]
    shortfalls: list[Shortfall]

    @property
    def wanted(self) -> int:
        return sum(self.need)

    @property
    def winners(self) -> list[Place]:
        return [self.eligible[index].place for index in self.best.cover]

    def money(self, amount: Decimal) -> str:
        return str(Money(amount, self.facts.currency))

    def alone(self, one: Eligible) -> Decimal:
        return ranking.parcel_cost(one.place, one.stock, [self.facts.grams.get(sku, 0) for sku in self.skus])


def candidates(verdict: Verdict) -> tuple[Candidate, ...]:
    """Chosen first, then those that lost, then those that were out."""
    chosen = set(verdict.best.cover)
    rows = [_candidate(verdict, index, index in chosen) for index in range(len(verdict.eligible))]
    out = [
        Candidate(place.location_id, place.code, place.name, False, False, verdict.rejected[place.location_id])
        for place in verdict.facts.places
        if place.location_id in verdict.rejected
    ]
    return tuple(sorted(rows, key=lambda row: not row.chosen) + out)


def summary(verdict: Verdict) -> str:
    waiting = sum(shortfall.quantity for shortfall in verdict.shortfalls)
    tail = f" {_units(waiting)} {'waits' if waiting == 1 else 'wait'} for stock." if waiting else ""
    names = [str(place) for place in verdict.winners]
    if not names:
        return f"No location can serve it now.{tail}"
    sent = _units(verdict.wanted - waiting)
    if verdict.facts.method == "pickup":
        return f"{names[0]} has {sent} ready to be collected there.{tail}"
    if len(names) == 1:
        return (
            f"{names[0]} sends {sent} in one parcel, about {verdict.money(verdict.best.cost)}. {_reason(verdict)}{tail}"
        )
    split = f"{', '.join(names[:-1])} and {names[-1]} share {sent}, about {verdict.money(verdict.best.cost)}."
    return f"{split} No smaller number of parcels can send as much.{tail}"


def _candidate(verdict: Verdict, index: int, chosen: bool) -> Candidate:
    one = verdict.eligible[index]
    return Candidate(
        location_id=one.place.location_id,
        code=one.place.code,
        name=one.place.name,
        chosen=chosen,
        eligible=True,
        because=_why_chosen(verdict, index) if chosen else _why_not(verdict, one),
        fills=one.fills,
        wanted=verdict.wanted,
        cost=verdict.alone(one),
        keeps_promise=None if verdict.facts.ship_by is None else not ranking.misses(one.place, verdict.facts.ship_by),
    )


def _why_chosen(verdict: Verdict, index: int) -> str:
    sends = sum(verdict.best.shares[index])
    if len(verdict.best.cover) > 1:
        return f"sends {sends} of {_units(verdict.wanted)}; without it fewer could be sent"
    return f"sends {sends} of {_units(verdict.wanted)}. {_reason(verdict)}"


def _reason(verdict: Verdict) -> str:
    """What tipped the scales for a single winner, against the strongest place that could have done the same."""
    winner, units = verdict.eligible[verdict.best.cover[0]], sum(verdict.best.shares[verdict.best.cover[0]])
    rivals = [one for one in verdict.eligible if one is not winner and one.fills >= units]
    if not rivals:
        others = len(verdict.eligible) > 1
        return "No other location has as much of it." if others else "It is the only location that can serve it."
    rival = rivals[0]
    return f"{_edge(verdict, winner, rival)[0].capitalize()} than {rival.place}{_edge(verdict, winner, rival)[1]}."


def _edge(verdict: Verdict, winner: Eligible, loser: Eligible) -> tuple[str, str]:
    """(how the winner is better, in figures), in the order in which ranking compares."""
    ship_by, here, there = verdict.facts.ship_by, verdict.alone(winner), verdict.alone(loser)
    if ranking.misses(loser.place, ship_by) and not ranking.misses(winner.place, ship_by):
        return "earlier", ", which would leave after the promised time"
    if here != there:
        return "cheaper", f": {verdict.money(here)} against {verdict.money(there)}"
    if winner.place.priority != loser.place.priority:
        return "preferred", f" at the same cost (priority {winner.place.priority} against {loser.place.priority})"
    if winner.place.load != loser.place.load:
        return "quieter", f" at the same cost ({winner.place.load} lines waiting against {loser.place.load})"
    return "listed earlier", ", otherwise equal"


def _why_not(verdict: Verdict, one: Eligible) -> str:
    sendable = verdict.wanted - sum(shortfall.quantity for shortfall in verdict.shortfalls)
    if one.fills < sendable:
        return f"could send {one.fills} of {_units(verdict.wanted)} alone"
    if len(verdict.best.cover) > 1:
        return "lost against a cheaper combination"
    winner = verdict.eligible[verdict.best.cover[0]]
    better, figures = _edge(verdict, winner, one)
    return f"could send it too; {winner.place} is {better}{figures}"


def _units(count: int) -> str:
    return f"{count} unit" if count == 1 else f"{count} units"
