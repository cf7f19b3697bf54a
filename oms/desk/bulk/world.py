"""What orders need before there can be any: places with shelves, ways in, goods with barcodes, people."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string

from inventory import locations
from inventory.models import Barcode, Location, Sku
from oms.common.actors import SYSTEM
from oms.common.models import Address
from oms.common.postal import PostalAddress
from oms.desk.bulk import words
from oms.desk.bulk.rows import fill, reserve, run
from orders.models import Channel, Customer

SHELVES = 240
ORDERS_A_CUSTOMER = 5
GONE = 0.02  # of the SKUs: nothing of them is left anywhere


@dataclass(frozen=True)
class World:
    """Ids stand in rows: the customer `n` (from 1) has the id `customers + n`, and so has every SKU and address."""

    seed: int
    skus: int
    sku_count: int
    customers: int
    addresses: int
    customer_count: int
    locations: list[int]
    channels: list[int]

    @property
    def params(self) -> dict[str, Any]:
        return vars(self) | {"gone": max(1, int(self.sku_count * GONE)), **words.LISTS}


@transaction.atomic
def lay_out(orders: int, sku_count: int, seed: int) -> World:
    people = max(1, orders // ORDERS_A_CUSTOMER)
    world = World(
        seed=seed,
        skus=reserve(Sku, sku_count),
        sku_count=sku_count,
        customers=reserve(Customer, people),
        addresses=reserve(Address, people),
        customer_count=people,
        locations=[_place(code, *facts).pk for code, facts in words.PLACES.items()],
        channels=[_channel(code, *facts).pk for code, facts in words.CHANNELS.items()],
    )
    _goods(world)
    _people(world)
    return world


def _place(code: str, name: str, kind: str, street: str, postal_code: str, city: str, priority: int) -> Location:
    if known := Location.objects.filter(code=code).first():
        return known
    postal = PostalAddress(name, "", street, "", city, "", postal_code, "DE", "")
    facts = {"kind": kind, "time_zone": "Europe/Berlin", "collects": kind == "store", "priority": priority}
    place = locations.create(code, name, postal, **facts, by=SYSTEM)
    shelves = [f"{'ABCD'[n // 60]}-{n % 60 // 4 + 1:02d}-{n % 4 + 1}" for n in range(SHELVES)]
    locations.add_shelves(place, shelves, by=SYSTEM)
    return place


def _channel(code: str, name: str, kind: str) -> Channel:
    facts = {"name": name, "kind": kind, "token": get_random_string(40)}
    return Channel.objects.get_or_create(code=code, defaults=facts)[0]


def _goods(world: World) -> None:
    told = {
        "id": "%(skus)s + n",
        "code": "(%(goods)s::text[])[1 + n %% 12] || '-' || lpad((%(skus)s + n)::text, 6, '0')",
        "name": "initcap((%(goods)s::text[])[1 + n %% 12]) || ', ' || (%(looks)s::text[])[1 + n / 12 %% 10]"
        " || ' ' || (%(skus)s + n)",
        "price": "round((300 + pg_temp.oms_bulk_draw(n, %(seed)s, 1) %% 9000) / 100.0, 2)",
        "weight_g": "100 + pg_temp.oms_bulk_draw(n, %(seed)s, 2) %% 2900",
        "length_mm": "80 + pg_temp.oms_bulk_draw(n, %(seed)s, 3) %% 320",
        "width_mm": "60 + pg_temp.oms_bulk_draw(n, %(seed)s, 4) %% 200",
        "height_mm": "20 + pg_temp.oms_bulk_draw(n, %(seed)s, 5) %% 180",
    }
    fill(Sku, "generate_series(1, %(sku_count)s) AS n", told, world.params)
    barcode = {"sku_id": "%(skus)s + n", "code": "'40' || lpad((%(skus)s + n)::text, 11, '0')"}
    fill(Barcode, "generate_series(1, %(sku_count)s) AS n", barcode, world.params)
    carton = barcode | {"code": "'1' || lpad((%(skus)s + n)::text, 13, '0')", "quantity": "12"}
    fill(Barcode, "generate_series(1, %(sku_count)s, 4) AS n", carton, world.params)


PEOPLE = """(
    SELECT n, %(customers)s + n AS number, first || ' ' || family AS name,
           lower(first) || '.' || lower(family) || '.' || (%(customers)s + n) || '@example.com' AS email,
           '+49 15' || lpad((pg_temp.oms_bulk_draw(n, %(seed)s, 14) * 953 %% 1000000000)::text, 9, '0') AS phone, town
    FROM (SELECT n, (%(firsts)s::text[])[1 + pg_temp.oms_bulk_draw(n, %(seed)s, 11) %% 40] AS first,
                 (%(families)s::text[])[1 + pg_temp.oms_bulk_draw(n, %(seed)s, 12) %% 40] AS family,
                 1 + pg_temp.oms_bulk_draw(n, %(seed)s, 13) %% 24 AS town
          FROM generate_series(1, %(customer_count)s) AS n) AS drawn) AS person"""


def _people(world: World) -> None:
    told = {"id": "number", "name": "name", "email": "email", "phone": "phone"}
    fill(Customer, PEOPLE, told, world.params)
    address = {
        "id": "%(addresses)s + n",
        "name": "name",
        "line1": "(%(streets)s::text[])[1 + n %% 20] || ' ' || 1 + n %% 140",
        "postal_code": "lpad(((%(postcodes)s::text[])[town]::int + n %% 90)::text, 5, '0')",
        "city": "(%(cities)s::text[])[town]",
        "country": "'DE'",
        "phone": "phone",
    }
    fill(Address, PEOPLE, address, world.params)


def prepare() -> None:
    """Draws are hashes of (row, seed, purpose): the same seed gives the same shop, whatever the machine."""
    run(
        "CREATE OR REPLACE FUNCTION pg_temp.oms_bulk_draw(n bigint, seed bigint, purpose int) RETURNS bigint"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS"
        " $$ SELECT hashint8extended(n, seed * 1009 + purpose) & 1048575 $$"
    )
