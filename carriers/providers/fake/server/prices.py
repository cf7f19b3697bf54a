"""What the fake carrier charges: by weight and by how far apart the countries are. Asked again, the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from oms.common.money import quantize

WORTH = {"JPY": Decimal(160), "KRW": Decimal(1450), "USD": Decimal("1.1"), "GBP": Decimal("0.85")}
CONTINENT = frozenset(  # one customs area
    {"AT", "BE", "BG", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)


@dataclass(frozen=True)
class Service:
    code: str
    name: str
    days: tuple[int, int]
    first_kg: Decimal
    each_kg: Decimal
    most_g: int = 31500


SERVICES = (
    Service("economy", "Fake Economy", (3, 5), Decimal("3.40"), Decimal("0.45")),
    Service("standard", "Fake Standard", (2, 3), Decimal("4.20"), Decimal("0.60")),
    Service("express", "Fake Express", (1, 1), Decimal("9.80"), Decimal("1.90"), 20000),
)
FUEL = Decimal("0.08")
HOME = Decimal("0.35")


def services() -> list[dict[str, Any]]:
    return [{"code": one.code, "name": one.name, "days": list(one.days)} for one in SERVICES]


def offers(asked: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Empty where it does not go (country ZZ) or nothing fits."""
    return [found for one in SERVICES if (found := _offer(one, asked, now))]


def _offer(service: Service, asked: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    weights = [_billable(parcel, asked["dim_divisor"]) for parcel in asked["parcels"]]
    far = asked["from"] if asked["direction"] == "return" else asked["to"]
    if not weights or max(weights) > service.most_g or far["country"] == "ZZ":
        return None
    currency = asked["bill_in"]
    rate = WORTH.get(currency, Decimal(1)) * _distance(asked["from"]["country"], asked["to"]["country"])
    base = sum(
        (quantize((service.first_kg + service.each_kg * (grams // 1000)) * rate, currency) for grams in weights),
        Decimal(0),
    )
    extras = [{"name": "Fuel", "amount": quantize(base * FUEL, currency)}]
    if not (far.get("company") or "").strip():
        extras.append(
            {"name": "Home delivery", "amount": quantize(HOME * WORTH.get(currency, 1), currency) * len(weights)}
        )
    return {
        "service": service.code,
        "name": service.name,
        "currency": currency,
        "base": str(base),
        "surcharges": [{**extra, "amount": str(extra["amount"])} for extra in extras],
        "price": str(base + sum(extra["amount"] for extra in extras)),
        "days": service.days[1],
        "billable_g": sum(weights),
        "expires_at": (now + timedelta(hours=12)).isoformat(),
    }


def _billable(parcel: dict[str, Any], divisor: int) -> int:
    volume = parcel["length_mm"] * parcel["width_mm"] * parcel["height_mm"]
    return max(parcel["weight_g"], -(-volume // divisor))


def _distance(here: str, there: str) -> Decimal:
    if here == there:
        return Decimal(1)
    return Decimal("1.8") if {here, there} <= CONTINENT else Decimal("3.2")
