"""Keep units back for a named holder: a planned transfer, a customer on the phone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from inventory.models import Reservation
from inventory.statuses import MovementKind
from inventory.stock.ledger import Change, Key, Short, Shortfall, StockRefused, lock_levels, write
from oms.common.actors import SYSTEM, Actor


@transaction.atomic
def hold(holder: str, wants: Mapping[Key, int], *, until: datetime | None = None, by: Any) -> list[Reservation]:
    """Keep back all of it or nothing: raises Short. A holder holds each SKU of a place once."""
    levels = lock_levels(wants)
    short = [
        Shortfall(*key, units, levels[key].available if key in levels else 0)
        for key, units in wants.items()
        if key not in levels or levels[key].available < units
    ]
    if short:
        raise Short(short)
    if Reservation.objects.filter(holder=holder, level__in=[level.id for level in levels.values()]).exists():
        raise StockRefused(f"{holder} holds some of this already. End that reservation first.")
    write(
        [Change(levels[key], MovementKind.RESERVED, reserved=units) for key, units in wants.items()],
        reference=holder,
        by=by,
    )
    label = Actor.of(by).label
    return Reservation.objects.bulk_create(
        [
            Reservation(level_id=levels[key].id, holder=holder, quantity=n, expires_at=until, created_by_label=label)
            for key, n in wants.items()
        ]
    )


@transaction.atomic
def drop(holder: str, *, by: Any) -> int:
    """End all reservations of a holder; how many there were."""
    return _end(Reservation.objects.filter(holder=holder), by=by)


@transaction.atomic
def expire(*, by: Any = SYSTEM) -> int:
    """End what has run out. Safe to run twice."""
    return _end(Reservation.objects.filter(expires_at__lte=Now()), by=by)


def _end(rows: QuerySet, *, by: Any) -> int:
    """Levels first, then what is still reserved under their locks."""
    keys = set(rows.values_list("level__sku", "level__location"))
    levels = {level.id: level for level in lock_levels(keys).values()}
    ended = list(rows.filter(level__in=levels))
    for row in ended:
        write(
            [Change(levels[row.level_id], MovementKind.UNRESERVED, reserved=-row.quantity)],
            reference=row.holder,
            by=by,
        )
    Reservation.objects.filter(pk__in=[row.pk for row in ended]).delete()
    return len(ended)
