"""Orders and places as a warehouse network sees them, from a seed: near places are cheap, some SKUs are everywhere."""

import random
from decimal import Decimal

from fulfillment.routing.facts import Facts, Place, Want

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
