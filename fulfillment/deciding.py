"""All that wait are decided together at the press of a button, or looked at first and nothing is touched: two jobs."""

import logging
from typing import Any

from fulfillment import backorders, competing, dealing, signals
from fulfillment.allocation import Committed
from fulfillment.routing.batch import Batch, plan_batch
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Plan
from inventory import availability
from oms.common import jobs
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.models import Job
from orders.snapshots import Snapshot

log = logging.getLogger(__name__)
LOOK, DECIDE = "looking_at_backorders", "deciding_backorders"
KINDS = (LOOK, DECIDE)
ROWS = 200  # orders that the page names


class NothingThere(Refused):
    """Nothing that somebody waits for is in stock."""

    code = "nothing_there"


def start(kind: str, *, by: Any) -> Job:
    """A worker does it; one that runs already is given back."""
    running = Job.objects.filter(kind=kind, state=Job.State.RUNNING).order_by("pk").first()
    if running:
        return running
    count = len(could_be_served())
    if not count:
        raise NothingThere("Nothing that an order waits for is in stock. Receive stock first, or wait for what is due.")
    job = jobs.start(kind, total=count, by=by)
    signals.want_job(kind, job.pk)
    return job


def could_be_served() -> list[int]:
    """Orders that wait for something that is there, the oldest first."""
    there = {sku for sku, _ in availability.atp(backorders.waited_for())}
    return competing.waiting_for(there)


def last() -> Job | None:
    """The newest of these jobs that ended."""
    return Job.objects.filter(kind__in=KINDS, state=Job.State.DONE).order_by("-pk").first()


def run(job_id: int) -> Job:
    """The worker's part. Begun again it goes on: who was served waits no more."""
    job = Job.objects.select_related("user").get(pk=job_id)
    if not job.is_running:
        return job
    try:
        result = _look() if job.kind == LOOK else _decide(job)
        jobs.finish(
            job, message=_message(job.kind, result), result=result, result_url=f"/backorders/together/{job.pk}/"
        )
    except Exception:
        log.exception("%s %s failed", job.kind, job_id)
        jobs.fail(job, "It could not be finished; the log says why. Start it again.", result=job.result)
    return job


def _look() -> dict[str, Any]:
    """What would happen now to the oldest of them, and what would happen one by one. No stock is touched."""
    found = competing.read(backorders.waited_for())
    batch = plan_batch(found.named())
    rows = [_planned(order, found.facts[order.id], batch.plans[order.number]) for order in found.orders]
    served = [row for row in rows if row["units"]]
    return {
        "orders": len(rows),
        "served": len(served),
        "rows": served[:ROWS],
        "figures": _figures(batch),
        "summary": batch.summary,
        "more": len(could_be_served()) > len(rows),
    }


def _planned(order: Snapshot, facts: Facts, plan: Plan) -> dict[str, Any]:
    names = {place.location_id: str(place) for place in facts.places}
    return {
        "order": order.number,
        "placed_at": order.placed_at.isoformat(),
        "units": sum(allotment.quantity for allotment in plan.allotments),
        "wanted": sum(facts.demand.values()),
        "places": [names[pk] for pk in plan.locations],
        "cost": str(plan.cost),
        "why": plan.summary,
    }


def _figures(batch: Batch) -> dict[str, list[str]]:
    """name → together, one by one."""
    return {
        "whole": [str(batch.whole), str(batch.whole_in_turn)],
        "units": [str(batch.units), str(batch.units_in_turn)],
        "parcels": [str(batch.parcels), str(batch.parcels_in_turn)],
        "cost": [str(batch.cost), str(batch.cost_in_turn)],
    }


def _decide(job: Job) -> dict[str, Any]:
    """Each order's line in the job is written with what it got, both or neither."""

    def told(order: Snapshot, committed: Committed) -> None:
        result = {**job.result, "served": job.result.get("served", 0) + 1}
        result["units"] = result.get("units", 0) + committed.placed
        rows = result.get("rows", [])
        result["rows"] = rows if len(rows) >= ROWS else [*rows, _committed(order, committed)]
        jobs.step(job, done=result["served"], result=result)

    dealing.deal(backorders.waited_for(), told=told, by=job.user or SYSTEM)
    return {"served": 0, "units": 0, "rows": [], **job.result}


def _committed(order: Snapshot, committed: Committed) -> dict[str, Any]:
    return {
        "order": order.number,
        "placed_at": order.placed_at.isoformat(),
        "units": committed.placed,
        "places": [row["name"] or row["code"] for row in committed.decision.chosen],
        "works": [one.number for one in committed.fulfillment_orders],
        "why": committed.decision.summary,
    }


def _message(kind: str, result: dict[str, Any]) -> str:
    count = result["served"]
    orders = f"{count} order" if count == 1 else f"{count} orders"
    return f"{orders} would get something." if kind == LOOK else f"{orders} got something."
