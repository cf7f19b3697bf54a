"""Open a place with the bins that every place has, and lay out its shelves."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from inventory.models import Bin, Location
from inventory.statuses import BinKind
from oms.common import addresses, audit
from oms.common.addresses import PostalAddress

FACTS = ("name", "kind", "time_zone", "cut_off", "ships", "collects", "capacity", "priority", "active")
FACTS += ("recount_units", "recount_percent", "recount_value")
BIN_FACTS = ("zone", "pick_sequence", "capacity", "litres")
SERVICE_BINS = {"RECV": BinKind.RECEIVING, "STAGE": BinKind.STAGING, "QUAR": BinKind.QUARANTINE}


@transaction.atomic
def create(code: str, name: str, address: PostalAddress, *, by: Any, **facts: Any) -> Location:
    """`facts` are further fields of Location (kind, time_zone, cut_off, ships, collects, capacity, priority)."""
    location = Location(code=code.strip().upper(), name=name, address=addresses.save(address), **facts)
    location.full_clean(exclude=["address"])
    location.save()
    Bin.objects.bulk_create([Bin(location=location, code=c, kind=kind) for c, kind in SERVICE_BINS.items()])
    audit.record_change(f"location:{location.code}", {}, {"name": name, "kind": location.kind}, by=by)
    return location


@transaction.atomic
def add_shelves(
    location: Location,
    codes: Iterable[str],
    *,
    zone: str = "",
    capacity: int | None = None,
    litres: int | None = None,
    by: Any,
) -> list[Bin]:
    """New shelves behind those there are, walked in the order given. Codes that exist already are left as they are."""
    codes = list(dict.fromkeys(code.strip().upper() for code in codes if code.strip()))
    known = set(location.bins.filter(code__in=codes).values_list("code", flat=True))
    last = max(location.bins.values_list("pick_sequence", flat=True), default=0)
    fresh = [code for code in codes if code not in known]
    facts = {"zone": zone, "capacity": capacity, "litres": litres}
    rows = Bin.objects.bulk_create(
        [
            Bin(location=location, code=code, pick_sequence=last + 10 * n, **facts)
            for n, code in enumerate(fresh, start=1)
        ]
    )
    audit.record_change(f"location:{location.code}", {}, {"shelves": fresh}, by=by)
    return rows


@transaction.atomic
def change_bin(bin: Bin, *, by: Any) -> Bin:
    """Save its zone, its place in the walk and its room."""
    before = audit.facts(Bin.objects.get(pk=bin.pk), *BIN_FACTS)
    bin.save(update_fields=BIN_FACTS)
    audit.record_change(f"bin:{bin.location.code}/{bin.code}", before, audit.facts(bin, *BIN_FACTS), by=by)
    return bin


@transaction.atomic
def change(location: Location, address: PostalAddress, *, by: Any) -> Location:
    """Save changed fields, and the address as a new row where it differs: papers of the past keep theirs."""
    old = Location.objects.select_related("address").get(pk=location.pk)
    before = audit.facts(old, *FACTS) | {"address": str(old.address.as_dataclass())}
    if old.address.as_dataclass() != address:
        location.address = addresses.save(address)
    location.save()
    after = audit.facts(location, *FACTS) | {"address": str(location.address.as_dataclass())}
    audit.record_change(f"location:{location.code}", before, after, by=by)
    return location


@transaction.atomic
def set_staff(location: Location, user_ids: Iterable[int], *, by: Any) -> None:
    """Who works here, among people who are bound to locations."""
    before = sorted(str(user) for user in location.staff.all())
    location.staff.set(user_ids)
    after = sorted(str(user) for user in location.staff.all())
    audit.record_change(f"location:{location.code}", {"staff": before}, {"staff": after}, by=by)
