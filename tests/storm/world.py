"""A house to storm: three places, few goods of each kind, two channels, and a person for every process."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from inventory import lots, stock
from inventory.models import Location, Sku
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from orders.models import Channel
from tests.factories.fulfillment import person
from tests.factories.inventory import LocationFactory, SkuFactory

SKUS, WITH_LOTS, UNITS = 20, 4, 40
LOTS = (("EARLY", date(2030, 1, 1)), ("LATE", date(2031, 1, 1)))
SHELVES = ("A-01", "A-02", "A-03", "A-04")


@dataclass(frozen=True)
class World:
    places: Sequence[Location]
    skus: Sequence[Sku]
    channels: Sequence[Channel]
    people: Sequence[User]


def build(people: int) -> World:
    places = [LocationFactory(code=code, priority=n) for n, code in enumerate(("BER", "HAM", "MUC"))]
    skus = [SkuFactory(code=f"S-{n:02d}", tracks="lot" if n < WITH_LOTS else "none") for n in range(SKUS)]
    channels = [
        Channel.objects.create(code="paid", name="Paid", kind="api", token="paid"),
        Channel.objects.create(
            code="account", name="On account", kind="api", token="account", config={"payment": "on_account"}
        ),
    ]
    world = World(places, skus, channels, [person() for _ in range(people)])
    dice = random.Random(1)
    for n, sku in enumerate(skus):
        for place in (places[n % 3], places[(n + 1) % 3]):
            receive(world, sku, place, UNITS // 2, dice)
            receive(world, sku, place, UNITS // 2, dice)
    return world


def receive(world: World, sku: Sku, place: Location, units: int, dice: random.Random) -> None:
    """On a shelf by chance, and of a lot where the SKU has them."""
    shelf = place.bins.get(code=dice.choice(SHELVES))
    lot = lots.take_in(sku, *dice.choice(LOTS)) if sku.has_lots else None
    stock.receive({(sku.pk, place.pk): units}, bin=shelf, lot=lot and lot.pk, reference="PO-1", by=SYSTEM)
