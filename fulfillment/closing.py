"""A place that is closed, or ships no more: its open work is found other places, order by order, and can come back.

Work on the floor stays; whoever wants it moved recalls it first.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from fulfillment import signals, sourcing
from fulfillment.models import FulfillmentOrder
from fulfillment.statuses import FulfillmentOrderState
from inventory.models import Location
from oms.common import jobs
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from oms.common.models import Job
from orders.statuses import Method

log = logging.getLogger(__name__)
AWAY, BACK = "moving_work_away", "moving_work_back"
AT_ONCE = 1000  # fulfilment orders a job, so that what it writes down stays small
JOBS_BACK = 20  # jobs of a place that may be taken back


class StillOpen(Refused):
    """New orders would come there again."""

    code = "still_open"


class NothingToMove(Refused):
    """There is no open work to move."""

    code = "nothing_to_move"


def open_work(location: Location) -> QuerySet:
    """What nobody has released and the place can't do any more: all of it when closed, else what must be shipped."""
    rows = FulfillmentOrder.objects.filter(location=location, state=FulfillmentOrderState.OPEN).order_by("pk")
    return rows.filter(method=Method.SHIP) if location.active else rows


@transaction.atomic
def move_work_away(location: Location, *, by: Any) -> Job:
    """A worker finds other places; a second click gives the job that runs."""
    location = lock(Location.objects.filter(pk=location.pk))[0]
    if location.active and location.ships:
        raise StillOpen(f"{location} is open and ships. Close it, or let it ship no more, before its work is moved.")
    if running := _running(location):
        return running
    count = open_work(location).count()
    if not count:
        raise NothingToMove(f"Nothing open is left at {location}.")
    return _start(AWAY, location, min(count, AT_ONCE), by=by)


@transaction.atomic
def move_back(location: Location, *, by: Any) -> Job:
    """What was moved away and nobody has released since comes back, if the place is open again."""
    location = lock(Location.objects.filter(pk=location.pk))[0]
    if running := _running(location):
        return running
    if not location.active or not location.ships:
        raise Refused(f"{location} is still closed. Open it again before work is moved back.")
    count = len(can_come_back(location))
    if not count:
        raise NothingToMove(f"Nothing that was moved away from {location} can come back: it was begun, or moved on.")
    return _start(BACK, location, count, by=by)


def last(location: Location) -> Job | None:
    """The newest job that moved its work."""
    rows = Job.objects.filter(kind__in=(AWAY, BACK), data__location=location.pk)
    return rows.order_by("-pk").first()


def can_come_back(location: Location) -> list[FulfillmentOrder]:
    """Work that was moved away and is still open where it went. What joined other work there has no way back."""
    told = Job.objects.filter(kind=AWAY, data__location=location.pk).order_by("-pk").values_list("result", flat=True)
    rows = [row for result in told[:JOBS_BACK] for row in result.get("moved", ()) if not row["joined"]]
    numbers = [number for row in rows for number in row["to"]]
    found = FulfillmentOrder.objects.filter(number__in=numbers, state=FulfillmentOrderState.OPEN)
    return list(found.select_related("order", "location").order_by("pk")[:AT_ONCE])


def run(job_id: int) -> Job:
    """The worker's part. Begun again it goes on: what has moved is no more there, what can't move was written down."""
    job = Job.objects.select_related("user").get(pk=job_id)
    if not job.is_running:
        return job
    location = Location.objects.get(pk=job.data["location"])
    try:
        _each(job, *_asked(job, location))
        jobs.finish(
            job, message=_message(job), result=job.result, result_url=f"/inventory/locations/{location.code}/work/"
        )
    except Exception:
        log.exception("moving work of %s failed", location)
        jobs.fail(job, "It could not be finished; the log says why. Start it again.", result=job.result)
    return job


def _asked(job: Job, location: Location) -> tuple[list[FulfillmentOrder], Location | None]:
    """(work to move, where to: anywhere else when it is None)."""
    if job.kind == AWAY:
        return list(open_work(location).select_related("order", "location")[:AT_ONCE]), None
    return can_come_back(location), location


def _each(job: Job, works: Iterable[FulfillmentOrder], to: Location | None) -> None:
    told = {row["work"] for row in job.result.get("stayed", ())}
    for work in works:
        if work.number not in told:
            try:
                _move(job, work, to)
            except Refused as e:
                _write(job, "stayed", {"order": work.order.number, "work": work.number, "why": str(e)})


@retrying
@transaction.atomic
def _move(job: Job, work: FulfillmentOrder, to: Location | None) -> None:
    """The move and its line in the job, both or neither."""
    before = set(FulfillmentOrder.objects.filter(order=work.order_id).values_list("pk", flat=True))
    committed = sourcing.reroute(work, to, by=job.user or SYSTEM)
    opened = committed.fulfillment_orders
    row = {
        "order": work.order.number,
        "work": work.number,
        "to": [one.number for one in opened],
        "places": [one.location.name for one in opened],
        "joined": any(one.pk in before for one in opened),
    }
    _write(job, "moved", row)


def _write(job: Job, list_name: str, row: Mapping[str, Any]) -> None:
    result = {**job.result, list_name: [*job.result.get(list_name, ()), dict(row)]}
    jobs.step(job, done=sum(map(len, result.values())), result=result)


def _start(kind: str, location: Location, count: int, *, by: Any) -> Job:
    job = jobs.start(kind, total=count, by=by, location=location.pk)
    signals.want_job(kind, job.pk)
    return job


def _running(location: Location) -> Job | None:
    rows = Job.objects.filter(kind__in=(AWAY, BACK), data__location=location.pk, state=Job.State.RUNNING)
    return rows.order_by("pk").first()


def _message(job: Job) -> str:
    moved, stayed = (len(job.result.get(name, ())) for name in ("moved", "stayed"))
    return f"{moved} moved." if not stayed else f"{moved} moved, {stayed} stayed where they are."
