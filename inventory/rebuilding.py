"""The check that counters agree with the ledger, kept with its time, and the repair of what does not."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from inventory.models import Location, Sku
from inventory.stock import rebuilding as counters
from inventory.stock.ledger import StockRefused
from inventory.stock.rebuilding import Drift
from oms.common import cases, jobs
from oms.common.actors import SYSTEM
from oms.common.models import Job

KIND = "stock_check"
CASE = "stock_drift"
MOST_KEPT = 500


@dataclass(frozen=True)
class Row:
    """A difference in words."""

    sku: str
    location: str
    what: str
    counter: int
    ledger: int


def check(*, write: bool = False, by: Any = SYSTEM) -> Job:
    """Compare all, and with `write` set right what differs."""
    return run(begin(write=write, by=by).pk)


def begin(*, write: bool = False, by: Any) -> Job:
    return jobs.start(KIND, by=by, write=write)


def run(job_id: int) -> Job:
    """The job then holds what was found; a case tells of differences. Quiet when it has ended."""
    job = Job.objects.select_related("user").get(pk=job_id)
    if not job.is_running:
        return job
    by, write = job.user or SYSTEM, job.data["write"]
    found = counters.drift()
    refused = _repair(found, by=by) if write else []
    left = counters.drift() if write and found else found
    told = [vars(row) for row in named(found[:MOST_KEPT])]
    result = {"found": len(found), "left": len(left), "rows": told, "refused": refused, "written": write}
    _tell(len(found), len(left), by=by)
    jobs.finish(job, message=_sentence(len(found), len(left)), result=result, result_url="/inventory/drift/")
    return job


def last() -> Job | None:
    """The newest check that came to its end."""
    return Job.objects.filter(kind=KIND, state=Job.State.DONE).order_by("-pk").first()


def named(found: Collection[Drift]) -> list[Row]:
    skus = dict(Sku.objects.filter(pk__in={one.sku_id for one in found}).values_list("pk", "code"))
    places = dict(Location.objects.filter(pk__in={one.location_id for one in found}).values_list("pk", "code"))
    return [Row(skus[one.sku_id], places[one.location_id], one.what, one.counter, one.ledger) for one in found]


def _repair(found: Collection[Drift], *, by: Any) -> list[str]:
    """Level by level, each in its own transaction. Sentences about those that can't be."""
    refused = []
    for key in dict.fromkeys((one.sku_id, one.location_id) for one in found):
        try:
            counters.repair(key, by=by)
        except StockRefused as e:
            refused.append(str(e))
    return refused


def _tell(found: int, left: int, *, by: Any) -> None:
    if found:
        cases.open_case(
            CASE,
            "stock:counters",
            title=_sentence(found, left),
            detail="Counters are written with their ledger row, so a difference has a cause: find it. The audit says"
            " what was set right.",
            key=CASE,
            action_label="Look at them",
            action_url="/inventory/drift/",
            severity="high",
            by=by,
        )
    else:
        cases.resolve_case(CASE, by=by, resolution="Counters agree with the ledger")


def _sentence(found: int, left: int) -> str:
    if not found:
        return "Counters agree with the ledger"
    verb = "differs" if found == 1 else "differ"
    return f"{found} counter{'' if found == 1 else 's'} {verb} from the ledger, {found - left} set right"
