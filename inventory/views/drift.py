"""Do the counters agree with the ledger? The last check, another one, and the repair."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from inventory import rebuilding, tasks
from oms.common import htmx, jobs
from oms.common.once import once
from oms.common.permissions import requires
from oms.common.tasks import hint


@requires("inventory.manage")
def show(request: HttpRequest) -> HttpResponse:
    job = rebuilding.last()
    rows = job.result["rows"] if job else []
    context = {"job": job, "rows": rows, "more": job.result["found"] - len(rows) if job else 0}
    return render(request, "inventory/drift.html", context)


@requires("inventory.manage")
@require_POST
@once
def check(request: HttpRequest) -> HttpResponse:
    return _begin(request, write=False)


@requires("inventory.manage")
@require_POST
@once
def repair(request: HttpRequest) -> HttpResponse:
    return _begin(request, write=True)


def _begin(request: HttpRequest, *, write: bool) -> HttpResponse:
    job = rebuilding.begin(write=write, by=request.user)
    hint(tasks.check_stock, job_id=job.pk)
    return htmx.done(request, jobs.url(job))
