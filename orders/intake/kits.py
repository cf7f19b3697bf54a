"""A kit is taken apart into lines of its parts, which share its money to the last thousandth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal

from inventory.kits import Recipe
from oms.common.money import prorate
from orders.channels.base import ExternalLine, ExternalOrder
from orders.intake.catalogue import Catalogue, Goods
from orders.models import OrderKit, OrderLine

THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True)
class Boxed:
    """A line of the order that means a kit; `parts` maps the positions of its lines to their units in one kit."""

    line: ExternalLine
    goods: Goods
    version: int
    parts: Mapping[int, int]


@dataclass(frozen=True)
class Apart(ExternalOrder):
    """An order with its kits taken apart. It is still the order that came."""

    came_as: ExternalOrder | None = None
    kits: Sequence[Boxed] = field(default=())

    @property
    def fingerprint(self) -> str:
        return self.came_as.fingerprint


def take_apart(externals: Sequence[ExternalOrder], catalogue: Catalogue) -> list[ExternalOrder]:
    """Each order as it is stored; those without kits stay as they are."""
    return [_apart(external, catalogue) for external in externals] if catalogue.recipes else list(externals)


def note(externals: Sequence[ExternalOrder], made: Mapping[str, tuple[int, str]]) -> None:
    """Keep which lines are of which kit, for orders that were stored."""
    for external in externals:
        if isinstance(external, Apart) and external.external_id in made:
            _note(made[external.external_id][0], external.kits)


def split(line: ExternalLine, recipe: Recipe, currency: str) -> list[ExternalLine]:
    """By what the parts cost alone. Unit prices are rounded up and what that is too much is discount."""
    same = len({sku.currency for sku, _ in recipe.parts}) == 1
    weights = [sku.price * units if same else Decimal(0) for sku, units in recipe.parts]
    goods = shares(line.unit_price * line.quantity, weights, currency)
    discounts = _within(shares(line.discount, goods, currency), goods)
    taxes = shares(line.tax, [a - b for a, b in zip(goods, discounts, strict=True)], currency)
    found = []
    for (sku, each), share, discount, tax in zip(recipe.parts, goods, discounts, taxes, strict=True):
        units = each * line.quantity
        price = (share / units).quantize(THOUSANDTH, rounding=ROUND_CEILING)
        found.append(ExternalLine(sku.code, units, price, discount + price * units - share, tax, sku.name))
    return found


def shares(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """In whole cents that sum to the total; what of it is less than a cent goes to the largest share."""
    weights = [max(weight, Decimal(0)) for weight in weights]
    found = prorate(total, weights, currency)
    largest = max(range(len(found)), key=lambda n: found[n])
    found[largest] += total - sum(found)
    return found


def _within(parts: list[Decimal], limits: Sequence[Decimal]) -> list[Decimal]:
    """No discount is larger than its goods: what is too much goes to those that have room."""
    excess = sum((max(part - limit, Decimal(0)) for part, limit in zip(parts, limits, strict=True)), Decimal(0))
    found = [min(part, limit) for part, limit in zip(parts, limits, strict=True)]
    for n, limit in enumerate(limits):
        room = min(limit - found[n], excess)
        found[n], excess = found[n] + room, excess - room
    found[-1] += excess
    return found


def _apart(external: ExternalOrder, catalogue: Catalogue) -> ExternalOrder:
    lines: list[ExternalLine] = []
    boxed: list[Boxed] = []
    for line in external.lines:
        goods = catalogue.goods.get(line.sku.upper())
        recipe = catalogue.recipes.get(goods.id) if goods else None
        if recipe is None:
            lines.append(line)
            continue
        parts = {len(lines) + n: each for n, (_, each) in enumerate(recipe.parts, start=1)}
        lines += split(line, recipe, external.currency)
        boxed.append(Boxed(replace(line, name=line.name or goods.name), goods, recipe.number, parts))
    return Apart(**vars(external) | {"lines": lines}, came_as=external, kits=boxed) if boxed else external


def _note(order_id: int, boxed: Sequence[Boxed]) -> None:
    for position, one in enumerate(boxed, start=1):
        kit = OrderKit.objects.create(
            order_id=order_id,
            position=position,
            external_line_id=one.line.external_line_id,
            sku_id=one.goods.id,
            sku_code=one.goods.code,
            name=one.line.name,
            version=one.version,
            quantity=one.line.quantity,
            unit_price=one.line.unit_price,
        )
        for place, each in one.parts.items():
            OrderLine.objects.filter(order=order_id, position=place).update(kit=kit, per_kit=each)
