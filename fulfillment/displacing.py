"""A count found fewer units than were promised: the newest orders give theirs back and are sourced again."""

from typing import Any

from django.db import transaction

from fulfillment import giving_back
from fulfillment.giving_back import Displaced
from inventory import counting
from inventory.models import CycleCount
from inventory.stock import ledger
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying

TRIES = 5


class _Moved(Exception):
    """Work changed between looking and locking."""


@retrying
def approve(count: CycleCount, *, by: Any) -> Displaced:
    """Post the differences of a count. Units of unpicked work that are missing go back to sourcing, newest order first.

    Refused when what is missing is picked already or kept back: then the bin is counted again, or the keeping ends.
    """
    for _ in range(TRIES):
        chosen = [line for key, units in counting.shortages(count).items() for line in giving_back.newest(key, units)]
        try:
            return _displace_and_post(count, chosen, by=by)
        except _Moved:
            continue
    raise Refused(
        f"More is missing than unpicked orders at {count.location} can give back. Count the bin again, or end what is"
        " kept back there."
    )


@transaction.atomic
def _displace_and_post(count: CycleCount, chosen: list[int], *, by: Any) -> Displaced:
    lines = giving_back.locked(chosen)
    lock(CycleCount.objects.filter(pk=count.pk))
    ledger.lock_levels({(line.sku_id, count.location_id) for line in counting.differences(count)})
    told = Displaced()
    for key, units in counting.shortages(count).items():
        mine = [line for line in lines if line.sku_id == key[0]]
        if giving_back.give_back(mine, units, f"missing: {count}", told, by=by):
            raise _Moved
    crash_point("displacing.given_back")
    counting.post(count, by=by)
    return told
