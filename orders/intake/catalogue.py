"""What the codes of new orders mean here: goods by code or barcode, stores by code."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inventory import kits
from inventory.kits import Recipe
from inventory.models import Location, Sku
from oms.common import sql
from orders.channels.base import ExternalOrder


class Goods(NamedTuple):
    id: int
    code: str
    name: str
    digital: bool
    is_kit: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Goods and stores by upper-case code, what kits are made of by their id."""

    goods: Mapping[str, Goods]
    stores: Mapping[str, int]
    recipes: Mapping[int, Recipe]


GOODS = sql.Statement("""
SELECT s.code, s.id, s.code, s.name, s.digital, s.is_kit FROM inventory_sku s WHERE s.code = ANY(:codes::text[])
UNION ALL
SELECT upper(b.code), s.id, s.code, s.name, s.digital, s.is_kit
FROM inventory_barcode b JOIN inventory_sku s ON s.id = b.sku_id
WHERE b.code = ANY(:barcodes::text[]) AND b.quantity = 1
""")


def read(externals: Sequence[ExternalOrder]) -> Catalogue:
    codes = {line.sku for external in externals for line in external.lines}
    goods = _goods(codes)
    stores = {external.pickup_location.upper() for external in externals if external.pickup_location}
    places = Location.objects.filter(code__in=stores).values_list("code", "pk") if stores else ()
    boxed = {one.id for one in goods.values() if one.is_kit}
    recipes = kits.recipes(boxed) if boxed else {}
    parts = {sku.code.upper(): Goods(sku.pk, sku.code, sku.name, sku.digital) for sku in _parts(recipes)}
    return Catalogue(goods | parts, dict(places), recipes)


def _parts(recipes: Mapping[int, Recipe]) -> list[Sku]:
    return [sku for recipe in recipes.values() for sku, _ in recipe.parts]


def find_skus(codes: Sequence[str]) -> Mapping[str, Sku]:
    """Upper-case code or barcode → SKU, as an order that names it would mean it."""
    found = _goods(codes)
    skus = Sku.objects.in_bulk({one.id for one in found.values()})
    return {code: skus[one.id] for code, one in found.items()}


def _goods(codes: Collection[str]) -> dict[str, Goods]:
    """By upper-case code or barcode; a code goes before a barcode, and a carton is no unit."""
    found = GOODS.rows(codes=[code.upper() for code in codes], barcodes=list(codes), many=len(codes) > sql.FEW)
    return {key.upper(): Goods(*rest) for key, *rest in reversed(found)}
