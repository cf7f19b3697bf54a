"""What an admin types to make a rule: a name, and a row for each condition and effect that was added."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from fulfillment.routing.policy import RANKS
from fulfillment.rules import fields, terms
from fulfillment.rules.terms import Condition, Effect, Rule, Where
from fulfillment.rules.wording import Names

CONDITION_WORDS = {
    "channel": "Channel",
    "method": "Method",
    "country": "Country it goes to",
    "service": "Service level",
    "value": "Value of the order",
    "weight": "Weight of what is sent",
    "tag": "Tag of the order",
    "sku_tag": "Tag of an item",
    "weekday": "Day of the week",
}
EFFECT_WORDS = {
    terms.LEAVE_OUT: "Leave out places",
    terms.ONLY: "Send only from these places",
    terms.PREFER: "Prefer places",
    terms.AVOID: "Avoid places",
    terms.KEEP_BACK: "Keep back units",
    terms.MOST_PARCELS: "At most so many parcels",
    terms.TOGETHER_BELOW: "One parcel only below a value",
    terms.COMPLETE: "Send complete only",
    terms.MEETS: "Parts may meet at one place first",
    terms.YIELDS: "Short stock goes where it costs least",
    terms.RANKS: "What is compared first",
}


class RuleForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="People read it under “why here”.")
    stops = forms.BooleanField(required=False, label="Ask no further rule when this one fits")

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        names: Names,
        rows: tuple[Sequence[str], Sequence[str]],
        initial: Mapping,
    ) -> None:
        super().__init__(data, initial=initial)
        self.conditions, self.effects = rows
        for kind in self.conditions:
            self.fields |= {f"{kind}-{name}": field for name, field in fields.of_condition(kind, names).items()}
        for kind in self.effects:
            self.fields |= {f"{kind}-{name}": field for name, field in fields.of_effect(kind, names).items()}

    def condition_rows(self) -> Iterator[tuple[str, str, list[BoundField]]]:
        for kind in self.conditions:
            yield kind, CONDITION_WORDS[kind], self._fields_of(kind)

    def effect_rows(self) -> Iterator[tuple[str, str, list[BoundField]]]:
        for kind in self.effects:
            yield kind, EFFECT_WORDS[kind], self._fields_of(kind)

    def more_conditions(self) -> list[tuple[str, str]]:
        return [(kind, words) for kind, words in CONDITION_WORDS.items() if kind not in self.conditions]

    def more_effects(self) -> list[tuple[str, str]]:
        return [(kind, words) for kind, words in EFFECT_WORDS.items() if kind not in self.effects]

    def head(self) -> list[BoundField]:
        return [self["name"], self["stops"]]

    def rule(self, key: int, *, active: bool) -> Rule:
        said = self.cleaned_data
        return Rule(
            key,
            said["name"].strip(),
            tuple(self._condition(kind) for kind in self.conditions),
            tuple(self._effect(kind) for kind in self.effects),
            active=active,
            stops=said["stops"],
        )

    def _fields_of(self, kind: str) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{kind}-")]

    def _condition(self, kind: str) -> Condition:
        said = {name: self.cleaned_data.get(f"{kind}-{name}") for name in ("values", "negated", "low", "high")}
        if kind in terms.RANGES:
            scale = 1000 if kind == "weight" else 1
            low, high = (None if end is None else end * scale for end in (said["low"], said["high"]))
            return Condition(kind, low=low, high=high, currency=self.cleaned_data.get(f"{kind}-currency", "").upper())
        values = said["values"] if isinstance(said["values"], list) else fields.split(said["values"], kind)
        return Condition(kind, tuple(values), negated=bool(said["negated"]))

    def _effect(self, kind: str) -> Effect:
        said = self.cleaned_data
        where = Where()
        if kind in terms.AT_PLACES:
            where = fields.read_places(said[f"{kind}-places"], fields.split(said[f"{kind}-countries"], "country"))
        ranks = tuple(said[f"{kind}-{place}"] for place in range(1, len(RANKS) + 1)) if kind == terms.RANKS else ()
        currency = said.get(f"{kind}-currency", "").upper()
        return Effect(kind, where, said.get(f"{kind}-number"), said.get(f"{kind}-amount"), currency, ranks)


def initial_of(rule: Rule) -> dict[str, Any]:
    """What the form shows of a rule that is there."""
    told: dict[str, Any] = {"name": rule.name, "stops": rule.stops}
    for one in rule.conditions:
        scale = 1000 if one.kind == "weight" else 1
        low, high = (None if end is None else f"{(end / scale).normalize():f}" for end in (one.low, one.high))
        listed = one.kind in ("channel", "method", "weekday")
        values = list(one.values) if listed else ", ".join(one.values)
        row = {"values": values, "negated": one.negated, "low": low, "high": high, "currency": one.currency}
        told |= {f"{one.kind}-{name}": value for name, value in row.items()}
    for one in rule.effects:
        row = {"number": one.number, "amount": one.amount, "currency": one.currency, "places": fields.ticked(one.where)}
        row |= {"countries": ", ".join(one.where.countries)} | {str(n): r for n, r in enumerate(one.ranks, start=1)}
        told |= {f"{one.kind}-{name}": value for name, value in row.items()}
    return told


def initial_from(data: QueryDict) -> dict[str, Any]:
    """What was typed so far, while rows are added and taken away."""
    many = {name for name in data if name.endswith(("-places", "-values"))}
    return {name: data.getlist(name) if name in many and _ticks(name) else data.get(name) for name in data}


def _ticks(name: str) -> bool:
    return name.endswith("-places") or name.split("-")[0] in ("channel", "method", "weekday")
