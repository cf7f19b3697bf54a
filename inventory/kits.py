"""Kits: sold as one, lying on the shelf as many. A kit has no stock of its own; it is sold while its parts last."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from inventory import signals
from inventory.models import KitComponent, KitVersion, Sku
from oms.common import audit
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import lock

MOST_COMPONENTS = 50


class NotAKit(Refused):
    code = "not_a_kit"
    status = 422


@dataclass(frozen=True)
class Recipe:
    """`parts` are (SKU, units of one kit), in the order of their codes."""

    number: int
    parts: tuple[tuple[Sku, int], ...]

    def __str__(self) -> str:
        return ", ".join(f"{units} × {sku.code}" for sku, units in self.parts)


@transaction.atomic
def make(kit: Sku, parts: Mapping[Sku, int], *, valid_from: datetime | None = None, by: Any) -> KitVersion:
    """A new version, from now on or from later on. Orders taken keep theirs; the same recipe is no new one."""
    kit = lock(Sku.objects.filter(pk=kit.pk))[0]
    _check(kit, parts)
    before = newest(kit)
    if before and valid_from is None and dict(before.parts) == dict(parts):
        return kit.kit_versions.get(number=before.number)
    last = kit.kit_versions.aggregate(last=Max("number"))["last"] or 0
    version = KitVersion.objects.create(
        kit=kit, number=last + 1, valid_from=valid_from or timezone.now(), created_by_label=Actor.of(by).label[:120]
    )
    KitComponent.objects.bulk_create([KitComponent(version=version, sku=sku, quantity=n) for sku, n in parts.items()])
    Sku.objects.filter(pk=kit.pk).update(is_kit=True)
    after = {"version": version.number, "parts": {sku.code: units for sku, units in parts.items()}}
    audit.record_change(f"kit:{kit.code}", {"parts": str(before or "")}, after, by=by)
    signals.announce([kit.pk])
    return version


def recipes(kit_ids: Collection[int], *, at: datetime | None = None) -> dict[int, Recipe]:
    """kit → what it is made of at that moment; SKUs that are no kits are left out. Two questions."""
    versions = KitVersion.objects.filter(kit__in=kit_ids, valid_from__lte=at or timezone.now())
    current = {version.kit_id: version for version in versions.order_by("kit", "valid_from", "number")}
    return _with_parts(current)


def newest(kit: Sku) -> Recipe | None:
    """The last version, also when it is not valid yet."""
    version = kit.kit_versions.order_by("-number").first()
    return _with_parts({kit.pk: version}).get(kit.pk) if version else None


def possible(recipe: Recipe, there: Mapping[int, int]) -> int | None:
    """How many kits the units there would make; None when nothing limits it, all being digital."""
    counts = [max(there.get(sku.pk, 0), 0) // units for sku, units in recipe.parts if not sku.digital]
    return min(counts, default=None)


def _with_parts(versions: Mapping[int, KitVersion]) -> dict[int, Recipe]:
    rows = KitComponent.objects.filter(version__in=[version.pk for version in versions.values()])
    parts: dict[int, list[tuple[Sku, int]]] = {}
    for row in rows.select_related("sku").order_by("sku__code"):
        parts.setdefault(row.version_id, []).append((row.sku, row.quantity))
    return {kit: Recipe(version.number, tuple(parts.get(version.pk, ()))) for kit, version in versions.items()}


def _check(kit: Sku, parts: Mapping[Sku, int]) -> None:
    if not parts or len(parts) > MOST_COMPONENTS or any(units < 1 for units in parts.values()):
        raise NotAKit(f"A kit has 1 to {MOST_COMPONENTS} parts, each at least once.")
    if kit in parts or any(sku.is_kit for sku in parts) or kit.in_kits.exists():
        raise NotAKit("A kit is made of goods that are no kits themselves.")
    if kit.levels.filter(on_hand__gt=0).exists():
        raise NotAKit(f"{kit.code} has units on hand. A kit has no stock of its own: adjust them away first.")
    if kit.digital or kit.has_lots or kit.has_serials:
        raise NotAKit("A kit is not digital and has no lots or serial numbers itself; its parts may.")
