"""The fields of one condition or effect of a rule, and how places are ticked in them."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from django import forms

from fulfillment.routing.policy import RANKS
from fulfillment.rules import terms, wording
from fulfillment.rules.terms import Where
from fulfillment.rules.wording import Names
from inventory.statuses import LocationKind

HINTS = {
    "country": "Two letters, with commas between: CH, LI",
    "service": "With commas between: express, standard",
    "tag": "With commas between: vip, gift",
    "sku_tag": "With commas between: glass, chilled",
}
PLACE, KIND, ZONE = "place", "kind", "zone"


def of_condition(kind: str, names: Names) -> dict[str, forms.Field]:
    if kind == "value":
        return {"low": _amount("From"), "high": _amount("Below"), "currency": _currency()}
    if kind == "weight":
        return {"low": _amount("From kg"), "high": _amount("Below kg")}
    choices = {
        "channel": list(names.channels.items()),
        "method": [(name, words.capitalize()) for name, words in wording.METHODS.items()],
        "weekday": [(str(number), day) for number, day in enumerate(wording.DAYS)],
    }
    one_of = forms.CharField(label="Is one of", max_length=300, help_text=HINTS.get(kind, ""))
    values = _choices("Is one of", choices[kind], required=True) if kind in choices else one_of
    return {"values": values, "negated": forms.BooleanField(required=False, label="Turn it round: is none of them")}


def of_effect(kind: str, names: Names) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    if kind in terms.AT_PLACES:
        found["places"] = _choices("At", _places(names))
        found["countries"] = forms.CharField(
            required=False, max_length=200, label="Or at places in", help_text=HINTS["country"]
        )
    if kind in (terms.KEEP_BACK, terms.MOST_PARCELS):
        label = "Parcels" if kind == terms.MOST_PARCELS else "Units of each SKU"
        found["number"] = forms.IntegerField(label=label, min_value=1, max_value=100_000, initial=1)
    if kind in (terms.PREFER, terms.AVOID):
        words = "cheaper" if kind == terms.PREFER else "dearer"
        found["amount"] = _amount(f"As if a parcel were {words} by (EUR)", required=True)
    if kind == terms.MEETS:
        found["amount"] = _amount("What a trip there costs (EUR)", required=True)
        found["number"] = forms.IntegerField(label="Days it takes", min_value=1, max_value=30, initial=1)
    if kind == terms.TOGETHER_BELOW:
        found |= {"amount": _amount("Orders worth less than", required=True), "currency": _currency()}
    if kind == terms.RANKS:
        options = [(rank, wording.RANKS[rank].capitalize()) for rank in RANKS]
        for place in range(1, len(RANKS) + 1):
            found[str(place)] = forms.ChoiceField(choices=options, label=f"{place}.", initial=RANKS[place - 1])
    return found


def _places(names: Names) -> list[tuple[str, str]]:
    kinds = [(f"{KIND}:{kind}", f"All {wording.KINDS.get(kind, kind)}") for kind in LocationKind.values]
    zones = [(f"{ZONE}:{zone}", words.capitalize()) for zone, words in enumerate(wording.ZONES)]
    return [*kinds, *zones, *((f"{PLACE}:{pk}", name) for pk, name in names.places.items())]


def read_places(boxes: Collection[str], countries: Sequence[str]) -> Where:
    found = [one.partition(":")[::2] for one in boxes]
    return Where(
        tuple(int(value) for what, value in found if what == PLACE),
        tuple(value for what, value in found if what == KIND),
        tuple(countries),
        tuple(int(value) for what, value in found if what == ZONE),
    )


def ticked(where: Where) -> list[str]:
    return [
        *(f"{PLACE}:{pk}" for pk in where.places),
        *(f"{KIND}:{kind}" for kind in where.kinds),
        *(f"{ZONE}:{zone}" for zone in where.zones),
    ]


def split(text: str | None, kind: str) -> list[str]:
    words = [word.strip() for word in (text or "").split(",")]
    return list(dict.fromkeys(word.upper() if kind == "country" else word for word in words if word))


def _choices(label: str, choices: list[tuple[str, str]], *, required: bool = False) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=choices, required=required, label=label, widget=forms.CheckboxSelectMultiple
    )


def _amount(label: str, *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


def _currency() -> forms.CharField:
    return forms.CharField(label="Currency", initial="EUR", min_length=3, max_length=3)
