"""Picking in the hand: get a list, then bin, item and tote by scan. Plain form posts; the server knows the stop."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fulfillment import picking
from fulfillment.models import PickList, PickTask
from fulfillment.statuses import PickListState, PickTaskState, ShortReason
from fulfillment.views.places import chosen, offered
from inventory import counting
from inventory.models import BinStock, CountedBin
from inventory.statuses import BEING_COUNTED, CountCause
from oms.common import htmx
from oms.common.errors import Refused
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires

MOST_SHOWN = 30
PAGE = "fulfillment/pick/show.html"
HINTS = {"bin": "Scan the bin", "item": "Scan the item", "tote": "Scan the tote"}


class ShortForm(forms.Form):
    found = forms.IntegerField(label="How many are there?", min_value=0, max_value=1_000_000)
    reason = forms.ChoiceField(label="Why", choices=ShortReason.choices)


@requires("fulfillment.pick")
@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    """Mine, and what may be taken at the chosen location, also from a picker who went silent."""
    return render(request, "fulfillment/pick/index.html", _lists(request))


@requires("fulfillment.pick")
@require_POST
@once
def claim(request: HttpRequest) -> HttpResponse:
    """The named list, else the most urgent one here."""
    number = request.POST.get("list", "")
    wanted = found(request, number) if number else None
    here = wanted.location if wanted else chosen(request)
    if here is None:
        return htmx.done(request, "fulfillment:pick", toast="Choose where you are first.")
    try:
        taken = picking.claim(request.user, here, pick_list=wanted)
    except Refused as e:
        return htmx.refused(request, e, page="fulfillment/pick/index.html", context=_lists(request))
    if taken is None:
        return htmx.done(request, "fulfillment:pick", toast="There is nothing to pick, or another has it.")
    return htmx.done(request, _url(taken))


@requires("fulfillment.pick")
@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, PAGE, _context(request, found(request, number)))


@requires("fulfillment.pick")
@require_POST
@once
def scan(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Bin, item or tote: whichever the stop asks for now."""
    code = request.POST.get("code", "")

    def scanned(task: PickTask) -> None:
        step = picking.step(task)
        if step == "bin":
            picking.scan_bin(task, code, by=request.user)
        elif step == "item":
            picking.scan_item(task, code, quantity=_units(request), by=request.user)
        else:
            picking.scan_tote(task, code, by=request.user)

    return _act(request, number, pk, scanned)


@requires("fulfillment.pick")
@require_POST
@once
def skip(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    return _act(request, number, pk, lambda task: picking.skip(task, by=request.user))


@requires("fulfillment.pick")
@require_POST
@once
def undo(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    return _act(request, number, pk, lambda task: picking.undo(task, quantity=_units(request), by=request.user))


@requires("fulfillment.pick")
@require_POST
@once
def short(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    form = ShortForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(request, found(request, number), form), status=422)
    said = form.cleaned_data
    return _act(
        request, number, pk, lambda task: picking.short(task, said["found"], said["reason"], by=request.user), form
    )


@requires("fulfillment.pick")
@require_POST
@once
def something_left(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Zero check: the books say that the bin is empty now, and it is not."""
    mine = found(request, number)
    task = get_object_or_404(mine.tasks.exclude(state=PickTaskState.PENDING).select_related("bin__location"), pk=pk)
    count = counting.ask(task.bin, cause=CountCause.ZERO_CHECK, by=request.user)
    return htmx.done(request, _url(mine), toast=f"{task.bin} will be counted: {count}.")


@requires("fulfillment.pick")
@require_POST
@once
def unclaim(request: HttpRequest, number: str) -> HttpResponse:
    return _end(request, number, picking.unclaim, "{} is given back.")


@requires("fulfillment.pick")
@require_POST
@once
def finish(request: HttpRequest, number: str) -> HttpResponse:
    return _end(request, number, picking.finish, "{} is done.")


def found(request: HttpRequest, number: str) -> PickList:
    visible = PickList.objects.visible_to(request.user).select_related("location", "picker")
    return get_object_or_404(visible, number=number)


def _act(
    request: HttpRequest, number: str, pk: int, verb: Callable[[PickTask], Any], form: ShortForm | None = None
) -> HttpResponse:
    mine = found(request, number)
    task = get_object_or_404(mine.tasks.select_related("bin", "sku"), pk=pk)
    try:
        verb(task)
    except Refused as e:
        return htmx.refused(request, e, page=PAGE, context=_context(request, mine, form))
    return htmx.done(request, _url(mine))


def _end(request: HttpRequest, number: str, verb: Callable[..., PickList], toast: str) -> HttpResponse:
    mine = found(request, number)
    try:
        verb(mine, by=request.user)
    except Refused as e:
        return htmx.refused(request, e, page=PAGE, context=_context(request, mine))
    return htmx.done(request, "fulfillment:pick", toast=toast.format(mine))


def _units(request: HttpRequest) -> int:
    said = whole(request.POST.get("quantity", ""), digits=5)
    return 1 if said is None else said


def _url(mine: PickList) -> str:
    return redirect("fulfillment:pick-list", mine.number).url


def _lists(request: HttpRequest) -> dict[str, Any]:
    context, left = offered(request), Count("tasks", filter=Q(tasks__state=PickTaskState.PENDING))
    here, claimed = context["here"], Q(state=PickListState.CLAIMED, picker=request.user)
    mine = PickList.objects.visible_to(request.user).filter(claimed).annotate(stops=left).order_by("pk")
    free = picking.free(here).exclude(claimed).select_related("picker").annotate(stops=left) if here else []
    return {**context, "mine": mine, "free": free[:MOST_SHOWN]}


def _context(request: HttpRequest, mine: PickList, form: ShortForm | None = None) -> dict[str, Any]:
    mine.refresh_from_db()
    task = picking.next_task(mine)
    step = picking.step(task)
    tasks = mine.tasks.exclude(state=PickTaskState.CANCELLED)
    return {
        "list": mine,
        "task": task,
        "step": step,
        "hint": HINTS.get(step, ""),
        "yours": mine.state == PickListState.CLAIMED and mine.picker_id == request.user.pk,
        "emptied": _emptied(mine),
        "counted": counting.under_way([task.bin_id]).get(task.bin_id) if task else None,
        "over": tasks.exclude(state=PickTaskState.PENDING).count(),
        "stops": tasks.count(),
        "scan_url": reverse("fulfillment:pick-scan", args=[mine.number, task.pk]) if task else "",
        "form": form or ShortForm(),
    }


def _emptied(mine: PickList) -> PickTask | None:
    """The stop that was just picked, when the books say that none of its SKU is left in the bin."""
    last = (
        mine.tasks.filter(state=PickTaskState.PICKED).select_related("bin", "sku").order_by("-done_at", "-pk").first()
    )
    left = last and BinStock.objects.filter(bin=last.bin_id, sku=last.sku_id, quantity__gt=0).exists()
    counted = last and CountedBin.objects.filter(bin=last.bin_id, state__in=BEING_COUNTED).exists()
    return None if left or counted else last
