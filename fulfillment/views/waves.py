"""Waves: what must leave by the next cut-off goes to the floor together, and how far each wave is."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.views.decorators.http import require_GET, require_POST

from fulfillment import directory, documents, waves
from fulfillment.models import FulfillmentOrder, PickList, Wave
from fulfillment.statuses import PickListState, PickTaskState
from fulfillment.views.places import chosen, offered
from inventory.models import Location
from oms.common import htmx
from oms.common.errors import Invalid, Refused
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires
from orders.models import Hold
from orders.statuses import HOLD_BLOCKS, Verb

PAGE = "fulfillment/waves/index.html"
WAVES_SHOWN, PAPERS_AT_ONCE = 20, 200
NEXT, TODAY, ALL = "next", "today", "all"


@requires("fulfillment.release")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(request, PAGE, _context(request, request.GET.get("until", NEXT)))


@requires("fulfillment.release")
@require_POST
@once
def release(request: HttpRequest) -> HttpResponse:
    """The ticked ones; when none is ticked, all that is ready by the cut-off."""
    until, here = request.POST.get("until", NEXT), chosen(request)
    ids = [pk for text in request.POST.getlist("ids") if (pk := whole(text, digits=18)) is not None]
    try:
        if here is None:
            raise Invalid("Choose where you are first.")
        done = waves.release(here, cutoff_at=_cutoff(request, here, until), ids=ids or None, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page=PAGE, context=_context(request, until))
    request.session["left_out"] = {done.wave.number: done.left_out}
    toast = f"{done.wave}: {len(done.fulfillment_orders)} released"
    toast += f", {len(done.left_out)} left out; the reasons are on this page." if done.left_out else "."
    return htmx.done(request, redirect("fulfillment:wave", done.wave.number).url, toast=toast)


@requires("fulfillment.release")
@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Its pick lists, who has them, and how far they are."""
    wave = _found(request, number)
    context = {
        "wave": wave,
        "lists": _lists(wave),
        "left_out": request.session.get("left_out", {}).get(wave.number, []),
    }
    return render(request, "fulfillment/waves/show.html", context)


@requires("fulfillment.release")
@require_GET
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The walks on paper: one of them, or all that are not done."""
    wave = _found(request, number)
    wanted = PickList.objects.filter(wave=wave).select_related("location").order_by("pk")
    if one := request.GET.get("list"):
        wanted = [get_object_or_404(wanted, number=one)]
    else:
        wanted = list(wanted.exclude(state__in=OVER)[:PAPERS_AT_ONCE])
    if not wanted:
        return htmx.refused(request, Invalid("Every walk of this wave is done."), redirect_to=_url(wave))
    headers = {"Content-Disposition": f'inline; filename="{wave}-pick-lists.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(documents.pick_lists(wanted), content_type="application/pdf", headers=headers)


def cutoffs(location: Location) -> dict[str, datetime | None]:
    """What may be chosen: the next cut-off of the place, the end of its day, no limit."""
    now = timezone.now()
    midnight = datetime.combine(now.astimezone(location.zone).date() + timedelta(days=1), time(), location.zone)
    return {NEXT: directory.leaves_at(location.cut_off, location.zone, now), TODAY: midnight, ALL: None}


def _cutoff(request: HttpRequest, location: Location, until: str) -> datetime | None:
    """The moment the page was shown for: a cut-off that has passed since does not widen what is released."""
    choices = cutoffs(location)
    if until == ALL:
        return None
    said = request.POST.get("cutoff", "")
    try:
        shown = parse_datetime(said)
    except ValueError:
        shown = None
    return shown if shown and is_aware(shown) else choices.get(until, choices[NEXT])


def _context(request: HttpRequest, until: str) -> dict[str, Any]:
    context = offered(request)
    if (here := context["here"]) is None:
        return context
    choices = cutoffs(here)
    until = until if until in choices else NEXT
    rows = waves.candidates(here, cutoff_at=choices[until]).annotate(
        units=Coalesce(Sum("lines__quantity"), 0), kinds=Count("lines")
    )
    active = Hold.objects.filter(state=Hold.State.ACTIVE)
    rows = list(rows.prefetch_related(Prefetch("order__holds", active, to_attr="standing"))[: waves.MOST_AT_ONCE])
    for row in rows:
        row.stopped_by = [one for one in row.order.standing if Verb.RELEASE in HOLD_BLOCKS[one.type]]
    return context | {
        "until": until,
        "cutoffs": choices.items(),
        "cutoff": choices[until].isoformat() if choices[until] else "",
        "rows": rows,
        "ready": sum(not row.stopped_by for row in rows),
        "sums": waves.summary(here, cutoff_at=choices[until]),
        "waves": _progress(Wave.objects.filter(location=here)).order_by("-pk")[:WAVES_SHOWN],
    }


OVER = (PickListState.DONE, PickListState.CANCELLED)


def _progress(rows: QuerySet) -> QuerySet:
    """With the number of its pick lists and of those that are over."""
    return rows.annotate(
        walks=Count("pick_lists", distinct=True),
        over=Count("pick_lists", filter=Q(pick_lists__state__in=OVER), distinct=True),
    )


def _lists(wave: Wave) -> list[PickList]:
    over = ~Q(tasks__state=PickTaskState.PENDING)
    rows = PickList.objects.filter(wave=wave).select_related("picker").order_by("pk")
    rows = list(rows.annotate(stops=Count("tasks", distinct=True), seen=Count("tasks", filter=over, distinct=True)))
    numbers: dict[int, dict[str, None]] = {}
    works = FulfillmentOrder.objects.filter(wave=wave).values_list("lines__pick_tasks__pick_list", "number")
    for pk, number in works.distinct().order_by("number"):
        numbers.setdefault(pk, {})[number] = None
    for row in rows:
        row.works = list(numbers.get(row.pk, ()))
    return rows


def _found(request: HttpRequest, number: str) -> Wave:
    rows = _progress(Wave.objects.visible_to(request.user).select_related("location"))
    return get_object_or_404(rows, number=number)


def _url(wave: Wave) -> str:
    return redirect("fulfillment:wave", wave.number).url
