"""Change the rules: each change makes the next version, a draft that is tried and then used, or thrown away."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from fulfillment.models import SourcingRule, SourcingRuleSet
from fulfillment.rules import checking, reading, terms
from fulfillment.rules.terms import Rule
from fulfillment.statuses import RULE_SET_MOVES, RuleSetState
from oms.common import audit, states
from oms.common.actors import SYSTEM, Actor
from oms.common.errors import Refused
from oms.common.locking import lock

Edit = Callable[[list[Rule]], list[Rule]]


class RulesMoved(Refused):
    """Somebody changed the rules since this page was opened. Open it again and look."""

    code = "rules_changed"


class NoDraft(Refused):
    """There is no draft any more: it was used or thrown away."""

    code = "no_draft"


def shown() -> SourcingRuleSet | None:
    """What is edited: the draft, else the rules in use."""
    return draft() or live()


def draft() -> SourcingRuleSet | None:
    return SourcingRuleSet.objects.filter(state=RuleSetState.DRAFT).first()


def live() -> SourcingRuleSet | None:
    return SourcingRuleSet.objects.filter(state=RuleSetState.LIVE).first()


@transaction.atomic
def create(rule: Rule, *, by: Any) -> SourcingRuleSet:
    """At the end of the order; whatever its key was, it gets its own."""
    _only_me()
    newest = SourcingRule.objects.aggregate(key=Max("key"))["key"] or 0
    rule = replace(rule, key=newest + 1)
    return _next(f"“{rule.name}” added", lambda rules: [*rules, rule], rule.key, by=by)


@transaction.atomic
def change(rule: Rule, *, version: int | None = None, by: Any) -> SourcingRuleSet:
    """`version` is what the person saw; raises RulesMoved when the rule is another there by now."""
    _only_me()
    if version is not None and version != shown().number:
        raise RulesMoved
    if found(rule.key) == rule:
        return shown()
    return _next(f"“{rule.name}” changed", _each(rule.key, lambda _: rule), rule.key, by=by)


@transaction.atomic
def switch(key: int, on: bool, *, by: Any) -> SourcingRuleSet:
    _only_me()
    rule = found(key)
    if rule.active == on:
        return shown()
    said = f"“{rule.name}” switched {'on' if on else 'off'}"
    return _next(said, _each(key, lambda one: replace(one, active=on)), key, by=by)


@transaction.atomic
def move(key: int, up: bool, *, by: Any) -> SourcingRuleSet:
    """One place up or down; quiet at the ends."""
    _only_me()
    rule, rules = found(key), reading.rules_of(shown())
    at = rules.index(rule)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rules):
        return shown()
    rules[at], rules[to] = rules[to], rules[at]
    return _next(f"“{rule.name}” moved {'up' if up else 'down'}", lambda _: rules, key, by=by)


@transaction.atomic
def remove(key: int, *, by: Any) -> SourcingRuleSet:
    _only_me()
    rule = found(key)
    return _next(f"“{rule.name}” removed", lambda rules: [one for one in rules if one != rule], key, by=by)


@transaction.atomic
def back_to(number: int, *, by: Any) -> SourcingRuleSet:
    """The rules of that version as a draft; nothing is used yet."""
    _only_me()
    rules = reading.rules_of(SourcingRuleSet.objects.get(number=number))
    if rules == reading.rules_of(shown()):
        return shown()
    return _next(f"Back to version {number}", lambda _: rules, by=by)


@transaction.atomic
def use(number: int, *, by: Any) -> SourcingRuleSet:
    """The draft that the person saw comes into force, for every plan that begins from now on."""
    _only_me()
    mine, before = draft(), live()
    if mine is None or mine.number != number:
        if before.number == number:
            return before
        raise RulesMoved if mine else NoDraft
    _end(before)
    states.advance(mine, RuleSetState.LIVE, moves=RULE_SET_MOVES)
    mine.used_by, mine.used_at = Actor.of(by).label, timezone.now()
    mine.save(update_fields=["state", "used_by", "used_at"])
    versions = ({"version": before.number}, {"version": number})
    audit.record_change("sourcing_rules", *versions, verb="used", by=by)
    return mine


@transaction.atomic
def throw_away(*, by: Any) -> None:
    """The rules in use stay as they are; the draft can still be found in the history."""
    _only_me()
    if mine := draft():
        _end(mine)
        audit.record_change("sourcing_rules", {"draft": mine.number}, {}, verb="thrown_away", by=by)


def found(key: int) -> Rule:
    """Among the rules that are shown; raises RulesMoved when it is not there any more."""
    rule = next((one for one in reading.rules_of(shown()) if one.key == key), None)
    if rule is None:
        raise RulesMoved
    return rule


def _only_me() -> None:
    """The first version stands for all of them: who holds it is alone. It is made when it is needed first."""
    SourcingRuleSet.objects.get_or_create(
        number=1, defaults={"state": RuleSetState.LIVE, "change": "No rules yet", "made_by": Actor.of(SYSTEM).label}
    )
    lock(SourcingRuleSet.objects.filter(number=1))


def _next(said: str, edit: Edit, key: int | None = None, *, by: Any) -> SourcingRuleSet:
    base = shown()
    before, after = reading.rules_of(base), edit(reading.rules_of(base))
    for rule in after:
        checking.check(rule, [one for one in after if one is not rule])
    number = SourcingRuleSet.objects.aggregate(number=Max("number"))["number"] + 1
    if base.state == RuleSetState.DRAFT:
        _end(base)
    made = SourcingRuleSet.objects.create(
        number=number, based_on=base, change=said[:200], made_by=Actor.of(by).label[:120]
    )
    SourcingRule.objects.bulk_create([_row(made, place, rule) for place, rule in enumerate(after, start=1)])
    subject = f"sourcing_rule:{key}" if key else "sourcing_rules"
    audit.record_change(subject, _told(before, key), _told(after, key), by=by)
    return made


def _each(key: int, edit: Callable[[Rule], Rule]) -> Edit:
    return lambda rules: [edit(rule) if rule.key == key else rule for rule in rules]


def _end(rule_set: SourcingRuleSet) -> None:
    states.advance(rule_set, RuleSetState.PAST, moves=RULE_SET_MOVES)
    rule_set.save(update_fields=["state"])


def _row(rule_set: SourcingRuleSet, place: int, rule: Rule) -> SourcingRule:
    return SourcingRule(
        rule_set=rule_set,
        key=rule.key,
        position=place,
        name=rule.name,
        active=rule.active,
        stops=rule.stops,
        conditions=[terms.condition_to_json(one) for one in rule.conditions],
        effects=[terms.effect_to_json(one) for one in rule.effects],
    )


def _told(rules: list[Rule], key: int | None) -> dict[str, Any]:
    """For the audit: one rule with its place, or all names in order."""
    if key is None:
        return {"rules": [rule.name for rule in rules]}
    for place, rule in enumerate(rules, start=1):
        if rule.key == key:
            row = _row(SourcingRuleSet(), place, rule)
            return audit.facts(row, "name", "position", "active", "stops", "conditions", "effects")
    return {}
