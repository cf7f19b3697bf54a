"""What a sourcing rule is made of, as plain data that JSON can hold: conditions, effects, and what they look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

LISTS = ("channel", "method", "country", "sku_tag", "service", "tag", "weekday")
RANGES = ("value", "weight")
CONDITIONS = (*LISTS, *RANGES)

LEAVE_OUT, ONLY, KEEP_BACK, PREFER, AVOID = "leave_out", "only", "keep_back", "prefer", "avoid"
MOST_PARCELS, TOGETHER_BELOW, COMPLETE, RANKS = "most_parcels", "together_below", "complete", "ranks"
YIELDS, MEETS = "yields", "meets"
AT_PLACES = (LEAVE_OUT, ONLY, KEEP_BACK, PREFER, AVOID, MEETS)
EFFECTS = (*AT_PLACES, MOST_PARCELS, TOGETHER_BELOW, COMPLETE, YIELDS, RANKS)


@dataclass(frozen=True)
class OrderFacts:
    """An order as rules see it. `grams` weigh what wants a place; `weekday` is 0 on a Monday."""

    channel: str = ""
    method: str = "ship"
    country: str = ""
    service: str = ""
    value: Decimal = Decimal(0)
    currency: str = "EUR"
    grams: int = 0
    tags: frozenset[str] = frozenset()
    sku_tags: frozenset[str] = frozenset()
    weekday: int = 0


@dataclass(frozen=True)
class PlaceFacts:
    location_id: int
    kind: str
    country: str
    zone: int  # 0 near by, 1 same country, 2 same continent, 3 further away


@dataclass(frozen=True)
class Condition:
    """One of `values`, or none of them; for a range from `low` to below `high`, in `currency` or in grams."""

    kind: str
    values: tuple[str, ...] = ()
    negated: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True)
class Where:
    """Places by any of: who they are, what they are, where they stand, how far they are from the customer."""

    places: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    zones: tuple[int, ...] = ()

    def takes_in(self, place: PlaceFacts) -> bool:
        return (
            place.location_id in self.places
            or place.kind in self.kinds
            or place.country in self.countries
            or place.zone in self.zones
        )

    def __bool__(self) -> bool:
        return bool(self.places or self.kinds or self.countries or self.zones)


@dataclass(frozen=True)
class Effect:
    """`number` are units, parcels or days, `amount` money in `currency`, `ranks` what is compared, the first first."""

    kind: str
    where: Where = field(default_factory=Where)
    number: int | None = None
    amount: Decimal | None = None
    currency: str = ""
    ranks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """All conditions must hold. After a rule that `stops` no further one is asked."""

    key: int
    name: str
    conditions: tuple[Condition, ...] = ()
    effects: tuple[Effect, ...] = ()
    active: bool = True
    stops: bool = False


def condition_to_json(condition: Condition) -> dict[str, Any]:
    return _to_json(condition)


def effect_to_json(effect: Effect) -> dict[str, Any]:
    where = _to_json(effect.where)
    return {**_to_json(effect, leave=("where",)), **({"where": where} if where else {})}


def condition_from_json(told: Mapping[str, Any]) -> Condition:
    return Condition(**_from_json(told))


def effect_from_json(told: Mapping[str, Any]) -> Effect:
    where = Where(**_from_json(told.get("where", {})))
    return Effect(**{**_from_json({k: v for k, v in told.items() if k != "where"}), "where": where})


def all_from_json(conditions: Iterable[Mapping], effects: Iterable[Mapping]) -> dict[str, tuple]:
    return {
        "conditions": tuple(condition_from_json(told) for told in conditions),
        "effects": tuple(effect_from_json(told) for told in effects),
    }


DECIMALS = ("low", "high", "amount")


def _to_json(term: Any, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """Only what is said; amounts as text, so that no float ever touches them."""
    said = {name: value for name, value in term.__dict__.items() if name not in leave and value not in (None, "", ())}
    return {
        name: str(value) if name in DECIMALS else list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
        if value is not False
    }


def _from_json(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Decimal(value) if name in DECIMALS else tuple(value) if isinstance(value, list) else value
        for name, value in told.items()
    }
