"""What can be promised: now by place, now in all, and what is due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Q, Sum, When
from django.db.models.functions import Greatest
from django.utils import timezone

from inventory import kits, waiting
from inventory.models import ChannelBuffer, PurchaseLine, Sku, StockLevel, TransferLine
from inventory.statuses import PURCHASES_DUE, TRANSFERS_DUE, LocationKind, TransferState

UNSOLD = LocationKind.TRANSIT


@dataclass(frozen=True)
class Supply:
    """Units that are due: `reference` is "PO-1007" or "TR-1003"."""

    reference: str
    sku_id: int
    location_id: int
    quantity: int
    expected_at: datetime


@dataclass(frozen=True)
class Step:
    """From that moment on (None: now) the balance of what is there and due against who waits, because of a supply."""

    at: datetime | None
    balance: int
    reference: str = ""

    @property
    def units(self) -> int:
        """What can be promised."""
        return max(self.balance, 0)


def atp(sku_ids: Collection[int], location_ids: Collection[int] | None = None) -> dict[tuple[int, int], int]:
    """Available to promise now, by (sku, location); places that have none are left out."""
    levels = StockLevel.objects.filter(sku__in=sku_ids, location__active=True, available__gt=0)
    levels = levels.exclude(location__kind=UNSOLD)
    if location_ids is not None:
        levels = levels.filter(location__in=location_ids)
    return {(sku, location): units for sku, location, units in levels.values_list("sku", "location", "available")}


def ats(sku_ids: Collection[int], *, channel: str = "") -> dict[int, int]:
    """Available to sell over all active locations, by SKU; 0 where there is none.

    To a channel, by its code, less what is kept back from it.
    """
    levels = StockLevel.objects.filter(sku__in=sku_ids, location__active=True).exclude(location__kind=UNSOLD).order_by()
    sums = levels.values("sku").annotate(units=Sum(Greatest("available", 0))).values_list("sku", "units")
    there = _of_kits(sku_ids) | dict(sums)
    return _less_buffers(there, channel) if channel else there


def _of_kits(sku_ids: Collection[int]) -> dict[int, int]:
    """As many kits as the rarest part makes; 0 for every other SKU."""
    found = dict.fromkeys(sku_ids, 0)
    ids = list(Sku.objects.filter(pk__in=sku_ids, is_kit=True).values_list("pk", flat=True))
    if ids:
        recipes = kits.recipes(ids)
        there = ats({sku.pk for recipe in recipes.values() for sku, _ in recipe.parts})
        found |= {kit: kits.possible(recipe, there) or 0 for kit, recipe in recipes.items()}
    return found


def buffers(sku_ids: Collection[int], channel: str = "") -> dict[int, list[ChannelBuffer]]:
    """The rules that hold for each SKU, one a channel: its own before that for all SKUs."""
    rows = ChannelBuffer.objects.filter(Q(sku__in=sku_ids) | Q(sku=None))
    rows = list(rows.filter(channel__iexact=channel) if channel else rows)
    general = {row.channel.upper(): row for row in rows if row.sku_id is None}
    own = {(row.sku_id, row.channel.upper()): row for row in rows if row.sku_id}
    names = sorted({row.channel.upper() for row in rows})
    return {sku: [rule for name in names if (rule := own.get((sku, name)) or general.get(name))] for sku in sku_ids}


def atp_by_date(sku_ids: Collection[int]) -> dict[int, list[Step]]:
    """How many can be promised from which day on: now, and after each supply, less what customers wait for already.

    What waits is served by what comes first. Late supplies count only when somebody names a new day for them.
    """
    there, wanted, due = ats(sku_ids), _wanted(sku_ids), incoming(sku_ids)
    return {
        sku: steps(there[sku], wanted.get(sku, 0), [supply for supply in due if supply.sku_id == sku])
        for sku in sku_ids
    }


def steps(there: int, wanted: int, due: Sequence[Supply]) -> list[Step]:
    """The same of one SKU, from what can be sold, who waits, and what comes, the earliest first."""
    now, found = timezone.now(), [Step(None, there - wanted)]
    for supply in due:
        if supply.expected_at >= now:
            found.append(Step(supply.expected_at, found[-1].balance + supply.quantity, supply.reference))
    return found


def _wanted(sku_ids: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for (sku, _), units in waiting.units(sku_ids).items():
        found[sku] = found.get(sku, 0) + units
    return found


def _less_buffers(there: dict[int, int], channel: str) -> dict[int, int]:
    rules = buffers(there, channel)
    return {sku: units - sum(rule.kept_of(units) for rule in rules[sku]) for sku, units in there.items()}


def incoming(sku_ids: Collection[int]) -> list[Supply]:
    """Open purchase and transfer lines of these SKUs, the earliest first."""
    bought = PurchaseLine.objects.filter(
        sku__in=sku_ids, purchase__state__in=PURCHASES_DUE, purchase__ships_to=None, received__lt=F("ordered")
    )
    sent = Case(When(transfer__state=TransferState.DRAFT, then="quantity"), default="shipped")
    moved = TransferLine.objects.filter(sku__in=sku_ids, transfer__state__in=TRANSFERS_DUE)
    moved = moved.annotate(due=sent - F("received")).filter(due__gt=0)
    rows = bought.values_list(
        "purchase__number", "sku", "purchase__location", F("ordered") - F("received"), "purchase__expected_at"
    ).union(
        moved.values_list("transfer__number", "sku", "transfer__destination", "due", "transfer__expected_at"), all=True
    )
    return sorted((Supply(*row) for row in rows), key=lambda supply: (supply.expected_at, supply.reference))
