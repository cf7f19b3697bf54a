"""What a rule must say to mean something. Raises Invalid with the sentence and the field."""

from collections.abc import Iterable

from fulfillment.routing.policy import RANKS
from fulfillment.rules import terms
from fulfillment.rules.terms import Condition, Effect, Rule
from oms.common.errors import Invalid

MOST_RULES = 100


def check(rule: Rule, others: Iterable[Rule]) -> None:
    """`others` are the rules that it will stand beside."""
    others = list(others)
    if not rule.name.strip():
        raise Invalid("Give the rule a name; it is what people read under “why here”.", field="name")
    if any(one.name.casefold() == rule.name.casefold() and one.key != rule.key for one in others):
        raise Invalid("Another rule has this name already.", field="name")
    if len(others) >= MOST_RULES:
        raise Invalid(f"{MOST_RULES} rules are the most. Put some together, or remove what is off.")
    if not rule.effects:
        raise Invalid("Say what the rule does: add at least one effect.")
    for condition in rule.conditions:
        _check_condition(condition)
    for effect in rule.effects:
        _check_effect(effect)


def _check_condition(condition: Condition) -> None:
    if condition.kind not in terms.CONDITIONS:
        raise Invalid("A rule can't ask that.")
    if condition.kind in terms.LISTS and not condition.values:
        raise Invalid("Name at least one, or take the condition away.", field=f"{condition.kind}-values")
    if condition.kind in terms.RANGES:
        if condition.low is None and condition.high is None:
            raise Invalid("Say from where or up to where.", field=f"{condition.kind}-low")
        if condition.low is not None and condition.high is not None and condition.low >= condition.high:
            raise Invalid("It ends before it begins.", field=f"{condition.kind}-high")
    if condition.kind == "value" and len(condition.currency) != 3:
        raise Invalid("In which currency? Three letters, such as EUR.", field="value-currency")


def _check_effect(effect: Effect) -> None:
    if effect.kind not in terms.EFFECTS:
        raise Invalid("A rule can't do that.")
    if effect.kind in terms.AT_PLACES and not effect.where:
        raise Invalid("At which places? Tick at least one.", field=f"{effect.kind}-places")
    if effect.kind in (terms.KEEP_BACK, terms.MOST_PARCELS) and not (effect.number and effect.number > 0):
        raise Invalid("A whole number above 0.", field=f"{effect.kind}-number")
    if effect.kind == terms.MEETS and (effect.amount is None or not effect.number or effect.number < 1):
        raise Invalid("What a trip costs, and how many days it takes.", field=f"{effect.kind}-amount")
    needs_money = (terms.PREFER, terms.AVOID, terms.TOGETHER_BELOW)
    if effect.kind in needs_money and not (effect.amount and effect.amount > 0):
        raise Invalid("An amount above 0.", field=f"{effect.kind}-amount")
    if effect.kind == terms.TOGETHER_BELOW and len(effect.currency) != 3:
        raise Invalid("In which currency? Three letters, such as EUR.", field=f"{effect.kind}-currency")
    if effect.kind == terms.RANKS and sorted(effect.ranks) != sorted(RANKS):
        raise Invalid("Each of them once.", field="ranks-1")
