"""Keep units out of one channel."""

from typing import Any

from django.db import transaction

from inventory import signals
from inventory.models import ChannelBuffer, Sku
from oms.common import audit

FACTS = ("units", "percent")


@transaction.atomic
def keep(channel: str, sku: Sku | None = None, *, units: int = 0, percent: int = 0, by: Any) -> ChannelBuffer:
    """From now on, in place of what was kept from that channel before; of all SKUs without one."""
    old = ChannelBuffer.objects.filter(channel__iexact=channel, sku=sku).select_for_update().first()
    before = audit.facts(old, *FACTS) if old else {}
    row = old or ChannelBuffer(channel=channel, sku=sku)
    row.units, row.percent = units, percent
    row.save()
    _tell(row, before, audit.facts(row, *FACTS), by=by)
    return row


@transaction.atomic
def end(buffer: ChannelBuffer, *, by: Any) -> None:
    before = audit.facts(buffer, *FACTS)
    buffer.delete()
    _tell(buffer, before, {}, by=by)


def _tell(buffer: ChannelBuffer, before: dict[str, Any], after: dict[str, Any], *, by: Any) -> None:
    of = buffer.sku.code if buffer.sku else "all SKUs"
    audit.record_change(f"buffer:{buffer.channel}/{of}", before, after, by=by)
    signals.announce([buffer.sku_id] if buffer.sku_id else [])
