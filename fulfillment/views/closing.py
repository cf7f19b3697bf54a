"""The open work of a place that is closed: find it other places, see what stayed and why, take it back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from fulfillment import closing
from fulfillment.models import FulfillmentOrder
from fulfillment.statuses import ON_THE_FLOOR
from inventory.models import Location
from oms.common import htmx, jobs
from oms.common.errors import Refused
from oms.common.models import Job
from oms.common.once import once
from oms.common.permissions import requires


@requires("inventory.view", "fulfillment.route")
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "fulfillment/closing/show.html", _context(_found(request, code)))


@requires("inventory.view", "fulfillment.route")
@require_POST
@once
def away(request: HttpRequest, code: str) -> HttpResponse:
    location = _found(request, code)
    try:
        job = closing.move_work_away(location, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/closing/show.html", context=_context(location))
    return htmx.done(request, jobs.url(job))


@requires("inventory.view", "fulfillment.route")
@require_POST
@once
def back(request: HttpRequest, code: str) -> HttpResponse:
    location = _found(request, code)
    try:
        job = closing.move_back(location, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/closing/show.html", context=_context(location))
    return htmx.done(request, jobs.url(job))


def _found(request: HttpRequest, code: str) -> Location:
    return get_object_or_404(Location.objects.visible_to(request.user), code__iexact=code)


def _context(location: Location) -> dict:
    job = closing.last(location)
    return {
        "location": location,
        "is_open": location.active and location.ships,
        "open": closing.open_work(location).count(),
        "on_the_floor": FulfillmentOrder.objects.filter(location=location, state__in=ON_THE_FLOOR).count(),
        "job": job,
        "failed": bool(job) and job.state == Job.State.FAILED,
        "can_come_back": len(closing.can_come_back(location)),
    }
