"""policy_for(order, places, rules): the rules that fit, one after the other, become one policy. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from fulfillment.routing.policy import NO_RULES, Policy
from fulfillment.rules import terms
from fulfillment.rules.terms import Condition, Effect, OrderFacts, PlaceFacts, Rule

OURS = ("warehouse", "store")  # kinds of places between which goods can be moved
VALUES: dict[str, Callable[[OrderFacts], frozenset[str]]] = {
    "channel": lambda order: frozenset((order.channel,)),
    "method": lambda order: frozenset((order.method,)),
    "country": lambda order: frozenset((order.country,)),
    "service": lambda order: frozenset((order.service or "standard",)),
    "weekday": lambda order: frozenset((str(order.weekday),)),
    "tag": lambda order: order.tags,
    "sku_tag": lambda order: order.sku_tags,
}


def policy_for(order: OrderFacts, places: Sequence[PlaceFacts], rules: Iterable[Rule]) -> Policy:
    """Limits add up and the strictest counts; costs are summed; the order of comparison is the first rule's."""
    fitting = list(_fitting(order, rules))
    if not fitting:
        return NO_RULES
    sum_of = _Sum()
    for rule in fitting:
        for effect in rule.effects:
            EFFECTS[effect.kind](sum_of, rule, effect, order, places)
    return replace(sum_of.policy(), rules=tuple(rule.name for rule in fitting), keys=tuple(r.key for r in fitting))


def fits(order: OrderFacts, rule: Rule) -> bool:
    return rule.active and all(holds(order, condition) for condition in rule.conditions)


def holds(order: OrderFacts, condition: Condition) -> bool:
    """An amount in another currency than the order's is not comparable, so the condition does not hold."""
    if condition.kind == "value":
        return order.currency == condition.currency and _within(order.value, condition)
    if condition.kind == "weight":
        return _within(Decimal(order.grams), condition)
    return bool(VALUES[condition.kind](order) & set(condition.values)) != condition.negated


def _fitting(order: OrderFacts, rules: Iterable[Rule]) -> Iterable[Rule]:
    for rule in rules:
        if fits(order, rule):
            yield rule
            if rule.stops:
                return


def _within(figure: Decimal, condition: Condition) -> bool:
    return (condition.low is None or figure >= condition.low) and (condition.high is None or figure < condition.high)


@dataclass
class _Sum:
    """What the rules have asked for so far."""

    barred: dict[int, str] = field(default_factory=dict)
    buffers: dict[int, int] = field(default_factory=dict)
    extra: dict[int, Decimal] = field(default_factory=dict)
    most_parcels: int | None = None
    complete_only: bool = False
    yields: bool = False
    ways: dict[tuple[int, int], tuple[Decimal, int]] = field(default_factory=dict)
    ranks: tuple[str, ...] = ()

    def policy(self) -> Policy:
        said = {**self.__dict__, "ranks": self.ranks or NO_RULES.ranks}
        return Policy(**said)

    def at_most(self, parcels: int) -> None:
        self.most_parcels = parcels if self.most_parcels is None else min(parcels, self.most_parcels)


def _leave_out(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    for place in places:
        if effect.where.takes_in(place):
            told.barred.setdefault(place.location_id, f"is left out by the rule “{rule.name}”")


def _only(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    for place in places:
        if not effect.where.takes_in(place):
            told.barred.setdefault(place.location_id, f"is not among the places of the rule “{rule.name}”")


def _keep_back(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    for place in places:
        if effect.where.takes_in(place):
            told.buffers[place.location_id] = max(effect.number, told.buffers.get(place.location_id, 0))


def _weigh(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    amount = -effect.amount if effect.kind == terms.PREFER else effect.amount
    for place in places:
        if effect.where.takes_in(place):
            told.extra[place.location_id] = told.extra.get(place.location_id, Decimal(0)) + amount


def _most_parcels(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    told.at_most(effect.number)


def _together_below(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    if order.currency == effect.currency and order.value < effect.amount:
        told.at_most(1)


def _complete(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    told.complete_only = True


def _yields(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    told.yields = True


def _meets(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    """A way from each of our own places to those named; the first rule that names one says what it costs."""
    ours = [place for place in places if place.kind in OURS]
    for to in ours:
        if effect.where.takes_in(to):
            for place in ours:
                if place is not to:
                    told.ways.setdefault((place.location_id, to.location_id), (effect.amount, effect.number))


def _ranks(told: _Sum, rule: Rule, effect: Effect, order: OrderFacts, places: Sequence[PlaceFacts]) -> None:
    told.ranks = told.ranks or effect.ranks


EFFECTS: dict[str, Callable] = {
    terms.LEAVE_OUT: _leave_out,
    terms.ONLY: _only,
    terms.KEEP_BACK: _keep_back,
    terms.PREFER: _weigh,
    terms.AVOID: _weigh,
    terms.MOST_PARCELS: _most_parcels,
    terms.TOGETHER_BELOW: _together_below,
    terms.COMPLETE: _complete,
    terms.YIELDS: _yields,
    terms.MEETS: _meets,
    terms.RANKS: _ranks,
}
