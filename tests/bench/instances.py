"""Orders and places as a warehouse network sees them, from a seed: near places are cheap, some SKUs are everywhere."""

import random
from dataclasses import dataclass
from decimal import Decimal

from fulfillment.routing.facts import Facts, Place, Want
from fulfillment.routing.policy import Policy

ZONES = ((Decimal("3.90"), Decimal("0.30")), (Decimal("4.90"), Decimal("0.45")), (Decimal("9.90"), Decimal("1.20")))
UNITS = (1, 1, 1, 1, 2, 2, 3, 4)


def one(seed: int, *, lines: int = 4, places: int = 10) -> Facts:
    """An order whose SKUs lie about in single pieces: often no place has all of it."""
    dice = random.Random(seed)
    return Facts(
        method="ship",
        wants=tuple(Want(10 * sku, sku, dice.choice(UNITS), f"SKU-{sku}") for sku in range(1, lines + 1)),
        places=tuple(_place(dice, number, lines) for number in range(1, places + 1)),
        grams={sku: dice.randint(50, 3000) for sku in range(1, lines + 1)},
    )


def _place(dice: random.Random, number: int, lines: int) -> Place:
    parcel, kilo = dice.choice(ZONES)
    return Place(
        location_id=number,
        code=f"L{number}",
        name=f"Town {number}",
        stock={sku: dice.choice((0, 0, 0, 1, 2, 3, 5, 8)) for sku in range(1, lines + 1)},
        parcel_cost=parcel,
        kilo_cost=kilo,
        priority=dice.randint(0, 2),
        load=dice.randint(0, 60),
    )


@dataclass(frozen=True)
class Network:
    """How much there is of what is wanted, and how widely it lies about."""

    orders: int = 300
    places: int = 10
    skus: int = 100
    spread: tuple[int, int] = (2, 6)  # places that hold a SKU
    cover: float = 1.2  # units on stock for each unit that is wanted


AMPLE, SHORT, TIGHT = Network(), Network(cover=0.95), Network(cover=1.02, spread=(3, 7))


def batch(seed: int, network: Network) -> list[Facts]:
    """Orders of 1 to 5 lines that wait together, over stock that they share."""
    dice = random.Random(seed)
    towns = [(dice.random(), dice.random()) for _ in range(network.places)]
    grams = {sku: dice.randint(50, 4000) for sku in range(1, network.skus + 1)}
    popular = [1 / sku**0.7 for sku in grams]
    wishes = [_wishes(dice, list(grams), popular) for _ in range(network.orders)]
    stock = _stock(dice, wishes, network)
    return [_waiting(dice, number, wish, towns, stock, grams) for number, wish in enumerate(wishes)]


def _wishes(dice: random.Random, skus: list[int], popular: list[float]) -> dict[int, int]:
    lines = dice.choices((1, 2, 3, 4, 5), (30, 27, 20, 14, 9))[0]
    return {sku: dice.choices((1, 2, 3), (75, 18, 7))[0] for sku in dice.choices(skus, popular, k=lines)}


def _stock(dice: random.Random, wishes: list[dict[int, int]], network: Network) -> dict[int, dict[int, int]]:
    """place → SKU → units: what is wanted, times the cover, a unit here and a unit there."""
    stock: dict[int, dict[int, int]] = {place: {} for place in range(1, network.places + 1)}
    for sku in range(1, network.skus + 1):
        holders = dice.sample(list(stock), dice.randint(*network.spread))
        wanted = sum(wish.get(sku, 0) for wish in wishes)
        for _ in range(max(1, round(wanted * network.cover))):
            holder = stock[dice.choice(holders)]
            holder[sku] = holder.get(sku, 0) + 1
    return stock


def _waiting(dice: random.Random, number: int, wish: dict, towns: list, stock: dict, grams: dict) -> Facts:
    home = dice.random(), dice.random()
    return Facts(
        method="ship",
        wants=tuple(Want(100 * number + i, sku, units, f"SKU-{sku}") for i, (sku, units) in enumerate(wish.items())),
        places=tuple(_seen(place, town, home, stock[place]) for place, town in enumerate(towns, 1)),
        grams={sku: grams[sku] for sku in wish},
        policy=Policy(yields=True),
    )


def _seen(place: int, town: tuple[float, float], home: tuple[float, float], stock: dict[int, int]) -> Place:
    away = ((town[0] - home[0]) ** 2 + (town[1] - home[1]) ** 2) ** 0.5
    parcel = (Decimal("3.90") + Decimal(round(away * 500)) / 100).quantize(Decimal("0.01"))
    kilo = (Decimal("0.30") + Decimal(round(away * 60)) / 100).quantize(Decimal("0.01"))
    return Place(place, f"L{place}", f"Town {place}", stock, parcel_cost=parcel, kilo_cost=kilo)
