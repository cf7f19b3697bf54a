"""Counting with a phone: bin, then each SKU by scan or by number, then done. The books' figure is never shown."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory import counting
from inventory.forms.counting import UnitsForm
from inventory.models import CountedBin, CycleCount, Sku
from inventory.statuses import TO_COUNT, Tracks
from inventory.views.counts import found
from oms.common import htmx
from oms.common.errors import Refused
from oms.common.numbers import whole
from oms.common.once import once
from oms.common.permissions import requires

PAGE = "inventory/counts/scan.html"


@requires("inventory.count")
def show(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, PAGE, _context(request, found(request, number)))


@requires("inventory.count")
@require_POST
@once
def scan(request: HttpRequest, number: str) -> HttpResponse:
    """A bin when none is in hand, else what lies in it."""
    count, code = found(request, number), request.POST.get("code", "")
    row = counting.in_hand(count, request.user)
    if row is None:
        return _act(request, count, lambda: counting.begin(count, code, by=request.user) and "")
    said = {"quantity": _units(request), "lot": request.POST.get("lot", "")[:40], "by": request.user}
    return _act(request, count, lambda: _told(row, counting.scan(row, code, **said)))


@requires("inventory.count")
@require_POST
@once
def say(request: HttpRequest, number: str) -> HttpResponse:
    """So many lie here, by number."""
    count, form = found(request, number), UnitsForm(request.POST)
    row = counting.in_hand(count, request.user)
    if row is None or not form.is_valid():
        return _act(request, count, lambda: _refuse("Say which SKU, and how many lie here: 0 or more."))
    said = form.cleaned_data
    return _act(request, count, lambda: _told(row, counting.say(row, **said, by=request.user)))


@requires("inventory.count")
@require_POST
@once
def finish(request: HttpRequest, number: str) -> HttpResponse:
    return _end(request, number, counting.finish)


@requires("inventory.count")
@require_POST
@once
def give_back(request: HttpRequest, number: str) -> HttpResponse:
    return _end(request, number, counting.give_back)


def _act(request: HttpRequest, count: CycleCount, verb: Callable[[], str]) -> HttpResponse:
    try:
        said = verb()
    except Refused as e:
        asked = {"which": request.POST.get("code", "")[:200]} if isinstance(e, counting.WhichLot) else {}
        return htmx.refused(request, e, page=PAGE, context=_context(request, count) | asked)
    if said:
        return render(request, PAGE, _context(request, count) | {"warning": said})
    return htmx.done(request, _url(count))


def _end(request: HttpRequest, number: str, verb: Callable[..., CountedBin]) -> HttpResponse:
    count = found(request, number)
    row = counting.in_hand(count, request.user)

    def done() -> str:
        if row:
            verb(row, by=request.user)
        return ""

    return _act(request, count, done)


def _told(row: CountedBin, said: counting.Said) -> str:
    if said.line:
        return ""
    return f"{said.sku} was moved in the books while you counted {row}. Count {said.sku} here from the start."


def _refuse(sentence: str) -> str:
    raise counting.WrongScan(sentence)


def _units(request: HttpRequest) -> int:
    return whole(request.POST.get("quantity", "") or "1", digits=6) or 1


def _url(count: CycleCount) -> str:
    return redirect("inventory:count-scan", count.number).url


def _context(request: HttpRequest, count: CycleCount) -> dict[str, Any]:
    count.refresh_from_db()
    row = counting.in_hand(count, request.user)
    bins = count.bins.all()
    return {
        "count": count,
        "row": row,
        "lines": row.lines.filter(round=row.round).select_related("sku", "lot").order_by("-at", "-pk") if row else [],
        "lots": bool(row) and (row.sku.has_lots if row.sku else Sku.objects.filter(tracks=Tracks.LOT).exists()),
        "next": None if row else counting.next_bin(count, request.user),
        "left": sum(one.state in TO_COUNT for one in bins),
        "total": len(bins),
        "hint": "Scan what lies here" if row else "Scan the bin",
        "scan_url": reverse("inventory:count-scanned", args=[count.number]),
    }
