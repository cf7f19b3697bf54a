"""The rules in use, and what they ask for an order: the one place where rules and tables meet."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from fulfillment.models import SourcingRule, SourcingRuleSet
from fulfillment.routing.facts import Place, Want
from fulfillment.routing.policy import Policy
from fulfillment.rules import terms
from fulfillment.rules.applying import policy_for
from fulfillment.rules.terms import OrderFacts, PlaceFacts, Rule
from fulfillment.statuses import RuleSetState
from inventory.models import Location, Sku
from orders.models import Order
from orders.snapshots import Snapshot

Tags = Mapping[int, Collection[str]]


@dataclass(frozen=True)
class Asking:
    """Rules with what they ask about beyond the order itself, read once for many orders."""

    rules: tuple[Rule, ...] = ()
    order_tags: Tags = field(default_factory=dict)
    sku_tags: Tags = field(default_factory=dict)
    places: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # location → (kind, country)

    def policy(
        self, order: Order | Snapshot, wants: Collection[Want], grams: Mapping[int, int], places: Iterable[Place]
    ) -> Policy:
        """What is asked for these units of the order; `about` keeps the order as it was asked about."""
        about = self._about(order, wants, grams)
        if not self.rules:
            return Policy(about=written(about))
        return replace(policy_for(about, self.place_facts(places), self.rules), about=written(about))

    def place_facts(self, places: Iterable[Place]) -> tuple[PlaceFacts, ...]:
        return tuple(
            PlaceFacts(place.location_id, *self.places[place.location_id], place.zone)
            for place in places
            if place.location_id in self.places
        )

    def _about(self, order: Order | Snapshot, wants: Collection[Want], grams: Mapping[int, int]) -> OrderFacts:
        return OrderFacts(
            channel=order.channel.code,
            method=order.method,
            country=order.shipping_address.country if order.shipping_address else "",
            service=order.service_level,
            value=order.total,
            currency=order.currency,
            grams=sum([grams.get(want.sku_id, 0) * want.quantity for want in wants]),
            tags=frozenset(self.order_tags.get(order.id, ())),
            sku_tags=frozenset([tag for want in wants for tag in self.sku_tags.get(want.sku_id, ())]),
            weekday=timezone.localtime().weekday(),
        )


def in_use(orders: Collection[int], skus: Collection[int]) -> Asking:
    """One question where there are no rules."""
    rows = SourcingRule.objects.filter(rule_set__state=RuleSetState.LIVE, active=True).order_by("position")
    return asking([rule_of(row) for row in rows], orders, skus)


def asking(rules: Collection[Rule], orders: Collection[int], skus: Collection[int]) -> Asking:
    """Tags are fetched only where a rule asks for them."""
    if not rules:
        return Asking()
    kinds = {condition.kind for rule in rules for condition in rule.conditions}
    places = Location.objects.values_list("pk", "kind", "address__country")
    return Asking(
        tuple(rules),
        dict(Order.objects.filter(pk__in=orders).values_list("pk", "tags")) if "tag" in kinds else {},
        dict(Sku.objects.filter(pk__in=skus).values_list("pk", "tags")) if "sku_tag" in kinds else {},
        {pk: (kind, country) for pk, kind, country in places},
    )


def rule_of(row: SourcingRule) -> Rule:
    said = terms.all_from_json(row.conditions, row.effects)
    return Rule(row.key, row.name, active=row.active, stops=row.stops, **said)


def rules_of(rule_set: SourcingRuleSet | None) -> list[Rule]:
    return [rule_of(row) for row in rule_set.rules.order_by("position")] if rule_set else []


def written(facts: OrderFacts) -> dict[str, Any]:
    """As JSON can hold it."""
    return {
        "channel": facts.channel,
        "method": facts.method,
        "country": facts.country,
        "service": facts.service,
        "value": str(facts.value),
        "currency": facts.currency,
        "grams": facts.grams,
        "weekday": facts.weekday,
    }


def read(told: Mapping[str, Any], *, tags: Collection[str], sku_tags: Collection[str]) -> OrderFacts:
    """The order as it was then, with the tags of today."""
    return OrderFacts(**{**told, "value": Decimal(told["value"])}, tags=frozenset(tags), sku_tags=frozenset(sku_tags))
