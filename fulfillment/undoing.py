"""Undo an import: cancel what it created, as long as nobody on the floor has touched it."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from fulfillment import cancellation
from oms.common import states
from oms.common.errors import Refused
from oms.common.locking import lock
from orders import searching, timeline
from orders.models import ImportRow, ImportRun, Order
from orders.statuses import IMPORT_MOVES, ImportState, OrderState

Verdict = ImportRow.Verdict
REASON = "import undone"


@dataclass
class Undone:
    """`kept` are sentences about orders that stay."""

    cancelled: int = 0
    kept: list[str] = field(default_factory=list)


def undo(run: ImportRun, *, by: Any) -> Undone:
    """Order by order. Their external ids are free again, so that a corrected file can be imported."""
    if run.state != ImportState.DONE:
        raise Refused("Only an import that is done can be undone.")
    told = Undone()
    for row in run.rows.filter(verdict=Verdict.CREATED).select_related("order").order_by("pk"):
        try:
            _undo(row, by=by)
            told.cancelled += 1
        except Refused as e:
            told.kept.append(str(e))
    with transaction.atomic():
        run = lock(ImportRun.objects.filter(pk=run.pk))[0]
        if run.state == ImportState.DONE and not told.kept:
            states.advance(run, ImportState.UNDONE, moves=IMPORT_MOVES)
        run.message = f"{told.cancelled} cancelled" + (f", {len(told.kept)} kept: {told.kept[0]}" if told.kept else "")
        run.save(update_fields=["state", "message"])
    return told


@transaction.atomic
def _undo(row: ImportRow, *, by: Any) -> None:
    order = lock(Order.objects.filter(pk=row.order_id))[0]
    if any(line.picked or line.shipped for line in order.lines.all()):
        raise Refused(f"{order} is on the floor already: cancel it on its own page.")
    if order.state != OrderState.CANCELLED:
        cancellation.cancel(order, reason=REASON, by=by)
        order.refresh_from_db()
    before = order.external_id
    order.external_id = f"{before} (undone {row.run_id})"[:120]
    searching.refresh(order)
    order.save(update_fields=["external_id"])
    facts = {"before": {"external_id": before}, "after": {"external_id": order.external_id}}
    timeline.record(order, "order.import_undone", by=by, **facts)
    row.verdict = Verdict.UNDONE
    row.save(update_fields=["verdict"])
