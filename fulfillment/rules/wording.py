"""A rule as a sentence: “When the country is CH: leave out stores; at most 2 parcels.” Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from fulfillment.routing.policy import COST, LOAD, PARCELS, PRIORITY, PROMISE
from fulfillment.rules import terms
from fulfillment.rules.terms import Condition, Effect, Rule, Where
from oms.common.money import Money

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
METHODS = {"ship": "shipping", "pickup": "store pickup"}
KINDS = {"warehouse": "warehouses", "store": "stores", "supplier": "suppliers", "transit": "goods in transit"}
ZONES = ("places near by", "places in the customer's country", "places on the continent", "places further away")
RANKS = {
    PARCELS: "fewest parcels",
    PROMISE: "promise kept",
    COST: "lowest cost",
    PRIORITY: "preferred places",
    LOAD: "quieter places",
}
ASKED = {
    "channel": "the channel",
    "method": "the method",
    "country": "the country",
    "service": "the service",
    "weekday": "today",
    "tag": "a tag of the order",
    "sku_tag": "a tag of an item",
}


@dataclass(frozen=True)
class Names:
    """What channels and places are called today."""

    channels: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)


def sentence(rule: Rule, names: Names) -> str:
    when = " and ".join(condition_words(one, names) for one in rule.conditions)
    then = "; ".join(effect_words(one, names) for one in rule.effects)
    told = f"When {when}: {then}." if when else f"Always: {then}."
    return f"{told} No further rule is asked then." if rule.stops else told


def condition_words(condition: Condition, names: Names) -> str:
    if condition.kind == "value":
        return f"the order is worth {_range(condition, lambda amount: str(Money(amount, condition.currency)))}"
    if condition.kind == "weight":
        return f"what is sent weighs {_range(condition, _kilos)}"
    called = {"channel": names.channels, "method": METHODS, "weekday": {str(n): day for n, day in enumerate(DAYS)}}
    values = [called.get(condition.kind, {}).get(value, value) for value in condition.values]
    verb = "is not" if condition.negated else "is"
    return f"{ASKED[condition.kind]} {verb} {_either(values)}"


def effect_words(effect: Effect, names: Names) -> str:
    return EFFECTS[effect.kind](effect, places_words(effect.where, names))


def places_words(where: Where, names: Names) -> str:
    words = [
        *(names.places.get(pk, "a place that is gone") for pk in where.places),
        *(KINDS.get(kind, kind) for kind in where.kinds),
        *(f"places in {country}" for country in where.countries),
        *(ZONES[zone] for zone in where.zones),
    ]
    return _joined(words, "and")


def _extra(effect: Effect) -> str:
    return str(Money(effect.amount, effect.currency or "EUR"))


EFFECTS: dict[str, Callable[[Effect, str], str]] = {
    terms.LEAVE_OUT: lambda effect, where: f"leave out {where}",
    terms.ONLY: lambda effect, where: f"send only from {where}",
    terms.KEEP_BACK: lambda effect, where: f"keep back {_count(effect.number, 'unit')} of each SKU at {where}",
    terms.PREFER: lambda effect, where: f"prefer {where}, as if a parcel cost {_extra(effect)} less",
    terms.AVOID: lambda effect, where: f"avoid {where}, as if a parcel cost {_extra(effect)} more",
    terms.MOST_PARCELS: lambda effect, where: f"at most {_count(effect.number, 'parcel')}",
    terms.TOGETHER_BELOW: lambda effect, where: f"one parcel only when the order is worth less than {_extra(effect)}",
    terms.COMPLETE: lambda effect, where: "send nothing until all of it can be sent",
    terms.MEETS: lambda effect, where: (
        f"parts may meet at {where} first, for {_extra(effect)} a trip and within {_count(effect.number, 'day')}"
    ),
    terms.YIELDS: lambda effect, where: "short stock may go to younger orders where that costs less",
    terms.RANKS: lambda effect, where: f"compare {', then '.join(RANKS.get(one, one) for one in effect.ranks)}",
}


def _range(condition: Condition, shown: Callable[[Decimal], str]) -> str:
    if condition.low is None:
        return f"less than {shown(condition.high)}"
    if condition.high is None:
        return f"{shown(condition.low)} or more"
    return f"from {shown(condition.low)} to less than {shown(condition.high)}"


def _kilos(grams: Decimal) -> str:
    return f"{(grams / 1000).normalize():f} kg"


def _either(words: Iterable[str]) -> str:
    return _joined(list(words), "or")


def _joined(words: list[str], last: str) -> str:
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _count(number: int | None, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number} {word}s"
