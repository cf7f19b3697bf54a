"""Kits in a change: a new one is taken apart by its recipe of now, one of the order is changed or taken off whole."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

from django.db.models import Max

from fulfillment.amendments import actions, figures
from fulfillment.amendments.actions import Action
from fulfillment.amendments.figures import LineFigures
from inventory import kits
from inventory.kits import Recipe
from inventory.models import Sku
from oms.common import money
from oms.common.errors import Invalid
from orders.channels.base import ExternalLine
from orders.intake.kits import THOUSANDTH, shares, split
from orders.models import Order, OrderKit, OrderLine


def recipe_of(sku: Sku) -> Recipe:
    found = kits.recipes([sku.pk]).get(sku.pk)
    if found is None:
        raise Invalid(f"{sku.code} is a kit that is not valid yet.", field="sku")
    return found


def parts(order: Order, sku: Sku, whole: LineFigures) -> list[LineFigures]:
    """The figures of a line that means a kit, as lines of its parts; they sum to it."""
    line = ExternalLine(sku.code, whole.ordered, whole.unit_price, whole.discount, whole.tax)
    return [
        LineFigures(None, part.sku, part.quantity, 0, part.unit_price, part.discount, part.tax)
        for part in split(line, recipe_of(sku), order.currency)
    ]


def open_one(order: Order, sku: Sku, units: int, price: Decimal) -> tuple[OrderKit, dict[str, tuple[Sku, int]]]:
    """A new kit of the order, and its parts with their units in one kit by their codes."""
    recipe = recipe_of(sku)
    last = order.kits.aggregate(last=Max("position"))["last"] or 0
    facts = {"sku": sku, "sku_code": sku.code, "name": sku.name, "version": recipe.number}
    kit = OrderKit.objects.create(order=order, position=last + 1, quantity=units, unit_price=price, **facts)
    return kit, {part.code: (part, each) for part, each in recipe.parts}


def changed(order: Order, lines: Sequence[LineFigures], wish: Action, *, due: Decimal) -> list[LineFigures]:
    """So many kits are kept: its lines are all extended, all rewritten, or all of them keep their cancelled units.

    What is left or new is shared among the parts anew, so that they sum to the kit's price to the thousandth.
    """
    kit, many = actions.kit_of(order, wish), actions.units(wish)
    per = {line.pk: line.per_kit for line in kit.lines.all()}
    mine = [line for line in lines if line.line_id in per]
    fewer = [(line, max(line.kept - many * per[line.line_id], 0)) for line in mine]
    worth = sum((figures.worth(line, units, order.currency) for line, units in fewer), Decimal(0))
    rewrite = order.paid_total == 0 or worth <= due - order.paid_total + order.refunded_total
    found = _whole(kit, mine, per, many, rewrite, order.currency) or [
        figures.with_units(line, many * per[line.line_id], rewrite=rewrite, currency=order.currency) for line in mine
    ]
    new = {line.line_id: line for line in found}
    return [new.get(line.line_id, line) for line in lines]


def _whole(
    kit: OrderKit, mine: Sequence[LineFigures], per: Mapping[int, int], many: int, rewrite: bool, currency: str
) -> list[LineFigures]:
    """None where nothing of it is shared anew: its parts do not agree, or it keeps all its money."""
    ordered = {line.ordered / per[line.line_id] for line in mine}
    kept = {line.kept / per[line.line_id] for line in mine}
    if len(ordered) > 1 or len(kept) > 1:
        return []
    before, now = int(ordered.pop()), int(kept.pop())
    left = before + many - now
    net, tax = sum((line.net for line in mine), Decimal(0)), sum((line.tax for line in mine), Decimal(0))
    if left == before or left < 1 or (left < before and not rewrite):
        return []
    if left < before:
        goods, taxes = (money.unit_share(value, before, 0, left, currency) for value in (net, tax))
    else:
        goods = net + _price(kit, mine, per, currency) * (left - before)
        taxes = money.quantize(tax * goods / net, currency) if net > 0 else tax
    return _shared(mine, per, left, goods, taxes, currency)


def _price(kit: OrderKit, mine: Sequence[LineFigures], per: Mapping[int, int], currency: str) -> Decimal:
    if kit.unit_price is not None:
        return kit.unit_price
    return money.quantize(sum((line.unit_price * per[line.line_id] for line in mine), Decimal(0)), currency)


def _shared(
    mine: Sequence[LineFigures], per: Mapping[int, int], many: int, goods: Decimal, taxes: Decimal, currency: str
) -> list[LineFigures]:
    nets = shares(goods, [line.net for line in mine], currency)
    found = []
    for line, net, tax in zip(mine, nets, shares(taxes, nets, currency), strict=True):
        units = per[line.line_id] * many
        price = (net / units).quantize(THOUSANDTH, rounding=ROUND_CEILING)
        found.append(replace(line, ordered=units, unit_price=price, discount=price * units - net, tax=tax))
    return found


def kept(lines: Sequence[OrderLine]) -> int:
    """Whole kits that the customer keeps of these lines."""
    return min((line.ordered - line.cancelled) // line.per_kit for line in lines)


def recount(order: Order) -> None:
    """After its lines changed: as many kits as they order."""
    for kit in order.kits.prefetch_related("lines"):
        ordered = max((line.ordered // line.per_kit for line in kit.lines.all()), default=0)
        if ordered and ordered != kit.quantity:
            kit.quantity = ordered
            kit.save(update_fields=["quantity"])


def tell(order: Order, wish: Action) -> str:
    if wish.kind == actions.Kind.SET_KIT:
        kit = actions.kit_of(order, wish)
        return f"Kit {kit.sku_code}: {kept(kit.lines.all())} → {actions.units(wish)}"
    sku = actions.sku(wish)
    return f"Kit {actions.units(wish)} × {sku.code}: {recipe_of(sku)}" if sku.is_kit else ""
