"""What should be bought again: rules against what is there, due and waited for, rounded to the supplier's packs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import lcm
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from inventory import availability, purchasing, waiting
from inventory.models import PurchaseLine, PurchaseOrder, ReorderRule, StockLevel, StockMovement, SupplierItem
from inventory.statuses import MovementKind, PurchaseState
from oms.common import audit
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import retrying

WINDOW = timedelta(days=28)
FACTS = ("supplier", "point", "target", "minimum", "multiple", "lead_days", "active")
ITEM_FACTS = ("code", "cost", "currency", "pack", "minimum")


@dataclass(frozen=True)
class Position:
    """One rule and what it sees. `ahead` is what will be left when everything due has come and nobody waits."""

    rule: ReorderRule
    item: SupplierItem | None
    available: int
    incoming: int
    drafted: int
    waiting: int
    shipped: int

    @property
    def ahead(self) -> int:
        return self.available + self.incoming + self.drafted - self.waiting

    @property
    def units(self) -> int:
        """To buy now: up to the target, in whole packs and multiples, at least either minimum; 0 above the point."""
        if self.ahead > self.rule.point:
            return 0
        wanted = max(self.rule.target - self.ahead, self.rule.minimum)
        return in_packs(wanted, self.item, multiple=self.rule.multiple)

    @property
    def days_of_cover(self) -> int | None:
        """How long it lasts as it was sold in the last 28 days; None when nothing was."""
        return max(self.available, 0) * WINDOW.days // self.shipped if self.shipped else None

    @property
    def cost(self) -> Decimal | None:
        return self.item.cost * self.units if self.item else None


def in_packs(units: int, item: SupplierItem | None, *, multiple: int = 1) -> int:
    """The next number that is whole packs of the supplier and whole multiples of ours."""
    pack, least = (lcm(item.pack, multiple), item.minimum) if item else (multiple, 1)
    return -(-max(units, least) // pack) * pack


def positions(rules: QuerySet[ReorderRule]) -> list[Position]:
    """In the rules' order, for any number of rules in eight questions."""
    rules = list(rules.select_related("sku", "location", "supplier"))
    skus = {rule.sku_id for rule in rules}
    levels = StockLevel.objects.filter(sku__in=skus).values_list("sku", "location", "available")
    there = {(sku, location): units for sku, location, units in levels}
    due = _due(skus)
    drafted, shipped, wanted = _drafted(skus), _shipped(skus), _wanted(rules)
    items = {(one.supplier_id, one.sku_id): one for one in SupplierItem.objects.filter(sku__in=skus)}
    return [
        Position(
            rule,
            items.get((rule.supplier_id, rule.sku_id)),
            available=there.get(key, 0),
            incoming=due.get(key, 0),
            drafted=drafted.get(key, 0),
            waiting=wanted.get(key, 0),
            shipped=shipped.get(key, 0),
        )
        for rule in rules
        for key in [(rule.sku_id, rule.location_id)]
    ]


def suggestions(rules: QuerySet[ReorderRule]) -> list[Position]:
    """Rules in use that ask for something."""
    mine = rules.filter(active=True, supplier__active=True, location__active=True, sku__active=True)
    return [one for one in positions(mine.order_by("supplier__name", "location__name", "sku__code")) if one.units]


@retrying
@transaction.atomic
def draft(wants: Mapping[ReorderRule, int], *, by: Any) -> list[PurchaseOrder]:
    """A draft for each supplier and place. Nothing counts as due before they are placed."""
    wants = {rule: units for rule, units in wants.items() if units > 0}
    if not wants:
        raise Refused("Tick what to buy, with at least one unit.")
    groups: dict[tuple[int, int], dict[ReorderRule, int]] = {}
    for rule, units in wants.items():
        groups.setdefault((rule.supplier_id, rule.location_id), {})[rule] = units
    return [_draft_one(group, by=by) for _, group in sorted(groups.items(), key=lambda pair: pair[0])]


@transaction.atomic
def save_rule(rule: ReorderRule, *, by: Any) -> ReorderRule:
    old = ReorderRule.objects.filter(pk=rule.pk).first() if rule.pk else None
    before = audit.facts(old, *FACTS) if old else {}
    rule.save()
    audit.record_change(f"reorder:{rule.sku}@{rule.location.code}", before, audit.facts(rule, *FACTS), by=by)
    return rule


@transaction.atomic
def remove_rule(rule: ReorderRule, *, by: Any) -> None:
    before = audit.facts(rule, *FACTS)
    subject = f"reorder:{rule.sku}@{rule.location.code}"
    rule.delete()
    audit.record_change(subject, before, {}, by=by)


@transaction.atomic
def save_item(item: SupplierItem, *, by: Any) -> SupplierItem:
    """What the supplier sells, one row a SKU: saving it again changes it."""
    old = SupplierItem.objects.filter(supplier=item.supplier, sku=item.sku).first()
    before = audit.facts(old, *ITEM_FACTS) if old else {}
    item.pk = old.pk if old else None
    item.save()
    audit.record_change(
        f"supplier:{item.supplier}", before, audit.facts(item, *ITEM_FACTS) | {"sku": item.sku.code}, by=by
    )
    return item


def _draft_one(group: Mapping[ReorderRule, int], *, by: Any) -> PurchaseOrder:
    first = next(iter(group))
    days = max(rule.days for rule in group)
    return purchasing.create(
        first.supplier,
        first.location,
        {rule.sku: units for rule, units in group.items()},
        expected_at=timezone.now() + timedelta(days=days),
        note=f"Suggested, drafted by {Actor.of(by).label}",
        by=by,
    )


def _due(skus: Collection[int]) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for supply in availability.incoming(skus):
        key = (supply.sku_id, supply.location_id)
        found[key] = found.get(key, 0) + supply.quantity
    return found


def _drafted(skus: Collection[int]) -> dict[tuple[int, int], int]:
    """On purchases that nobody has placed yet, so that a second look does not suggest them again."""
    lines = PurchaseLine.objects.filter(sku__in=skus, purchase__state=PurchaseState.DRAFT).order_by()
    rows = lines.values_list("sku", "purchase__location").annotate(units=Sum("ordered"))
    return {(sku, location): units for sku, location, units in rows}


def _shipped(skus: Collection[int]) -> dict[tuple[int, int], int]:
    rows = StockMovement.objects.filter(
        sku__in=skus, kind=MovementKind.SHIPPED, at__gte=timezone.now() - WINDOW
    ).order_by()
    return {(s, place): -units for s, place, units in rows.values_list("sku", "location").annotate(n=Sum("on_hand"))}


def _wanted(rules: Iterable[ReorderRule]) -> dict[tuple[int, int], int]:
    """Who can be served from anywhere is counted once, at the SKU's foremost place."""
    foremost: dict[int, ReorderRule] = {}
    for rule in sorted(rules, key=lambda rule: (-rule.location.priority, rule.location_id)):
        foremost.setdefault(rule.sku_id, rule)
    found: dict[tuple[int, int], int] = {}
    for (sku, location), units in waiting.units(list(foremost)).items():
        key = (sku, location if location is not None else foremost[sku].location_id)
        found[key] = found.get(key, 0) + units
    return found
