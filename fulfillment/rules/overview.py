"""The list of rules as people read it: in words, with how often each fitted lately and what is odd about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fulfillment.models import SourcingDecision, SourcingRuleSet
from fulfillment.rules import reading, terms, wording
from fulfillment.rules.terms import PlaceFacts, Rule
from fulfillment.rules.wording import Names
from inventory.models import Location
from orders.models import Channel

LATELY = 1000  # decisions that are looked through for hits
NOWHERE = -1  # a zone that no rule names: how far a place is depends on the order


@dataclass(frozen=True)
class Row:
    rule: Rule
    sentence: str
    warning: str = ""
    hits: int = 0
    last_at: datetime | None = None


def rows(rule_set: SourcingRuleSet | None) -> list[Row]:
    rules, told, hits = reading.rules_of(rule_set), names(), lately()
    warnings = dict(odd(rules, _senders()))
    return [
        Row(rule, wording.sentence(rule, told), warnings.get(rule.key, ""), *hits.get(rule.key, (0, None)))
        for rule in rules
    ]


def names() -> Names:
    channels = dict(Channel.objects.order_by("name").values_list("code", "name"))
    return Names(channels, dict(Location.objects.order_by("name", "pk").values_list("pk", "name")))


def lately() -> dict[int, tuple[int, datetime]]:
    """key → (how often it fitted among the last decisions, when last)."""
    found: dict[int, tuple[int, datetime]] = {}
    newest = SourcingDecision.objects.order_by("-pk").values_list("facts__rules", "at")[:LATELY]
    for keys, at in newest:
        for key in keys or ():
            count, last = found.get(key, (0, at))
            found[key] = (count + 1, max(last, at))
    return found


def odd(rules: Iterable[Rule], senders: Sequence[PlaceFacts]) -> Iterable[tuple[int, str]]:
    """(key, what to look at) of rules that leave no place, and of those that are never asked."""
    stopped_by = None
    for rule in rules:
        if stopped_by:
            yield rule.key, f"Never asked: “{stopped_by}” above fits every order and stops."
        elif senders and all(_loses(rule, place) for place in senders):
            yield rule.key, "It leaves no place that ships: orders that it fits will wait."
        if rule.active and rule.stops and not rule.conditions:
            stopped_by = rule.name


def _loses(rule: Rule, place: PlaceFacts) -> bool:
    return any(
        one.where.takes_in(place) == (one.kind == terms.LEAVE_OUT)
        for one in rule.effects
        if one.kind in (terms.LEAVE_OUT, terms.ONLY) and not one.where.zones
    )


def _senders() -> list[PlaceFacts]:
    places = Location.objects.active().filter(ships=True).values_list("pk", "kind", "address__country")
    return [PlaceFacts(*place, NOWHERE) for place in places]
